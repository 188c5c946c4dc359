/** Whether the normalised name is that of a module of Python's standard library, of any version, which PyPI gives to nobody. */
export function isStandardLibraryName(name: string): boolean {
  return modules.has(name)
}

/** Top-level modules of CPython 3.14 and of older versions back to 2.7, normalised as project names are. */
const modules = new Set(
  `abc aifc annotationlib antigravity argparse array ast asynchat asyncio asyncore atexit audioop base64 bdb
  binascii binhex bisect builtin builtins bz2 calendar cgi cgitb chunk cmath cmd code codecs codeop collections
  colorsys commands compileall compression concurrent configparser contextlib contextvars copy copyreg cpickle
  cprofile crypt cstringio csv ctypes curses dataclasses datetime dbm decimal difflib dis distutils doctest
  dummy-threading email encodings ensurepip enum errno exceptions faulthandler fcntl filecmp fileinput fnmatch
  formatter fractions ftplib functools future gc genericpath getopt getpass gettext glob graphlib grp gzip hashlib
  heapq hmac html http httplib idlelib imaplib imghdr imp importlib inspect io ipaddress itertools json keyword
  lib2to3 linecache locale logging lzma macpath mailbox mailcap marshal math md5 mimetypes mmap modulefinder
  msilib msvcrt multiprocessing netrc nis nntplib nt ntpath nturl2path numbers opcode operator optparse os
  ossaudiodev parser pathlib pdb pickle pickletools pipes pkgutil platform plistlib popen2 poplib posix posixpath
  pprint profile pstats pty pwd py-compile pyclbr pydoc pydoc-data pyexpat queue quopri random re readline reprlib
  resource rexec rlcompleter runpy sched secrets select selectors sets sha shelve shlex shutil signal site smtpd
  smtplib sndhdr socket socketserver spwd sqlite3 sre-compile sre-constants sre-parse ssl stat statistics string
  stringio stringprep struct subprocess sunau symbol symtable sys sysconfig syslog tabnanny tarfile telnetlib
  tempfile termios textwrap this thread threading time timeit tkinter token tokenize tomllib trace traceback
  tracemalloc tty turtle turtledemo types typing unicodedata unittest urllib urllib2 urlparse user uu uuid venv
  warnings wave weakref webbrowser winreg winsound wsgiref xdrlib xml xmlrpc zipapp zipfile zipimport zlib
  zoneinfo`.split(/\s+/)
)
