package io.keelson.agent.network;

import java.util.Locale;
import java.util.Optional;

/** The versions of CNI, in their order. */
enum CniVersion {
    V0_1_0,
    V0_2_0,
    V0_3_0,
    V0_3_1,
    V0_4_0,
    V1_0_0,
    V1_1_0;

    /** The version of a text; empty if it is none of these. */
    static Optional<CniVersion> of(String text) {
        for (CniVersion version : values()) {
            if (version.toString().equals(text)) {
                return Optional.of(version);
            }
        }
        return Optional.empty();
    }

    /** Whether it can what that one can. */
    boolean isAtLeast(CniVersion other) {
        return compareTo(other) >= 0;
    }

    @Override
    public String toString() {
        return name().substring(1).replace('_', '.').toLowerCase(Locale.ROOT);
    }
}
