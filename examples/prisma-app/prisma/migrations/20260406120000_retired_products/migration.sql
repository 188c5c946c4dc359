-- AlterTable
ALTER TABLE "product" ADD COLUMN "retired_at" TIMESTAMPTZ;
