package io.keelson.kvstore.cli;

/** What one run of a command left: its exit code and what it wrote, one byte per character. */
record CommandRun(int exitCode, String out, String err) {}
