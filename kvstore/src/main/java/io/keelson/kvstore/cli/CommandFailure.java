package io.keelson.kvstore.cli;

import org.jspecify.annotations.Nullable;

/** Ends a command with an exit code, and a text for standard error unless everything has been said. */
final class CommandFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int exitCode;

    private CommandFailure(int exitCode, @Nullable String text, @Nullable Throwable cause) {
        super(text, cause, false, false);
        this.exitCode = exitCode;
    }

    /** A failure that prints {@code Error: text}. */
    static CommandFailure of(int exitCode, String text) {
        return new CommandFailure(exitCode, text, null);
    }

    /** A failure that prints what the server or the transport said. */
    static CommandFailure of(int exitCode, Throwable cause) {
        return new CommandFailure(exitCode, ErrorText.of(cause), cause);
    }

    static CommandFailure badArguments(String text) {
        return of(ExitCode.BAD_ARGUMENTS, text);
    }

    /** A failure that prints nothing more. */
    static CommandFailure silent(int exitCode) {
        return new CommandFailure(exitCode, null, null);
    }

    int exitCode() {
        return exitCode;
    }
}
