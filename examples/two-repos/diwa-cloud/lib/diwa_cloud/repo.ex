defmodule DiwaCloud.Repo do
  use Ecto.Repo, otp_app: :diwa_cloud, adapter: Ecto.Adapters.Postgres
end
