package io.keelson.apiserver.audit;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How far a request has come when an event about it is written. */
public enum Stage {
    /** It is known who asks, and nothing is done yet. */
    REQUEST_RECEIVED("RequestReceived"),
    /** The answer has begun; of requests that may last, such as watches, and of those that are not let in. */
    RESPONSE_STARTED("ResponseStarted"),
    /** All of the answer is there. */
    RESPONSE_COMPLETE("ResponseComplete"),
    /** The server itself failed. */
    PANIC("Panic");

    static final List<String> TEXTS = Arrays.stream(values()).map(Stage::text).toList();

    private final String text;

    Stage(String text) {
        this.text = text;
    }

    /** As policies and events have it. */
    public String text() {
        return text;
    }

    /** Null if there is no such stage. */
    static @Nullable Stage of(String text) {
        int at = TEXTS.indexOf(text);
        return at < 0 ? null : values()[at];
    }
}
