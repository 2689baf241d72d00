package io.keelson.agent.policy;

import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The protocols that have ports a policy can speak of. */
enum Protocol {
    TCP,
    UDP,
    SCTP;

    /** The protocol of a text, which is TCP if there is none; empty if it is none of these. */
    static Optional<Protocol> of(@Nullable String text) {
        if (text == null || text.isEmpty()) {
            return Optional.of(TCP);
        }
        for (Protocol protocol : values()) {
            if (protocol.name().equals(text)) {
                return Optional.of(protocol);
            }
        }
        return Optional.empty();
    }

    /** As rules write it. */
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
