package io.keelson.agent.embedded;

import java.io.IOException;

/** A shim's no, with its reason: {@code mount /data: permission denied}. */
final class ShimRefusal extends IOException {
    private static final long serialVersionUID = 1;

    ShimRefusal(String reason) {
        super(reason);
    }

    String reason() {
        String reason = getMessage();
        return reason == null ? "" : reason;
    }
}
