package io.keelson.proxy.rules;

import io.keelson.controllers.objects.IpPrefix;

/** How packets of this node's pods are told from others. */
public sealed interface LocalTraffic {
    /** They are not. */
    record Unknown() implements LocalTraffic {}

    /** By their source. */
    record FromRange(IpPrefix range) implements LocalTraffic {}

    /** By where they come in: an interface of this name, or with {@code isPrefix} one whose name begins with it. */
    record FromInterface(String name, boolean isPrefix) implements LocalTraffic {
        private static final int BYTES_MAX = 15;

        public FromInterface {
            if (name.isEmpty() || name.length() > BYTES_MAX || !name.chars().allMatch(c -> c > ' ' && c < 127)) {
                throw new IllegalArgumentException("\"" + name + "\" is no name of an interface");
            }
        }
    }
}
