package io.keelson.apiserver.server;

import java.time.Duration;
import picocli.CommandLine.Option;

/** The flags of {@link LogForm}. */
final class LogFlags {
    private static final String TEXT = "text";
    private static final String JSON = "json";
    private static final String AT_ONCE = "0";

    @Option(
            names = "--logging-format",
            paramLabel = "FORMAT",
            defaultValue = TEXT,
            description = "What lines of the log look like: text or json. Default: text")
    private String format = TEXT;

    @Option(
            names = "--log-text-split-stream",
            arity = "0..1",
            defaultValue = "false",
            fallbackValue = "true",
            description = "Whether what is no error goes to standard output, if lines are text. Default: false")
    private boolean textSplit;

    @Option(
            names = "--log-json-split-stream",
            arity = "0..1",
            defaultValue = "false",
            fallbackValue = "true",
            description = "Whether what is no error goes to standard output, if lines are JSON. Default: false")
    private boolean jsonSplit;

    @Option(
            names = "--log-text-info-buffer-size",
            paramLabel = "BYTES",
            defaultValue = AT_ONCE,
            description =
                    "How much of what is no error waits before it is written, if it goes to standard output as text:"
                            + " 0; every line is written at once. Default: 0")
    private String textBuffer = AT_ONCE;

    @Option(
            names = "--log-json-info-buffer-size",
            paramLabel = "BYTES",
            defaultValue = AT_ONCE,
            description = "The same for lines in JSON. Default: 0")
    private String jsonBuffer = AT_ONCE;

    @Option(
            names = "--log-flush-frequency",
            paramLabel = "DURATION",
            defaultValue = "5s",
            converter = DurationText.class,
            description = "How long lines wait at most before they are written. None waits. Default: 5s")
    private Duration wait = Duration.ZERO;

    /** @throws IllegalArgumentException naming the flag that cannot be used */
    LogForm form() {
        if (!format.equals(TEXT) && !format.equals(JSON)) {
            throw new IllegalArgumentException(
                    "--logging-format: Unsupported log format \"" + format + "\", supported are json and text");
        }
        requireAtOnce("--log-text-info-buffer-size", textBuffer);
        requireAtOnce("--log-json-info-buffer-size", jsonBuffer);
        if (wait.isNegative()) {
            throw new IllegalArgumentException("--log-flush-frequency can not be negative value");
        }
        boolean json = format.equals(JSON);
        return new LogForm(json, json ? jsonSplit : textSplit);
    }

    private static void requireAtOnce(String flag, String buffer) {
        if (!buffer.equals(AT_ONCE)) {
            throw new IllegalArgumentException(
                    flag + "=" + buffer + " cannot be had, only 0: every line is written at once");
        }
    }
}
