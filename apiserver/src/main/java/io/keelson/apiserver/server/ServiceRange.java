package io.keelson.apiserver.server;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** A range of addresses for Services, written {@code 10.96.0.0/12}. */
record ServiceRange(byte[] base, int bits) {
    /** @throws IllegalArgumentException if it is none */
    static ServiceRange of(String text) {
        int slash = text.indexOf('/');
        try {
            byte[] base =
                    InetAddress.ofLiteral(text.substring(0, Math.max(0, slash))).getAddress();
            int bits = Integer.parseInt(text.substring(slash + 1));
            if (bits < 0 || bits > base.length * 8) {
                throw new IllegalArgumentException("bits");
            }
            return new ServiceRange(base, bits);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "--service-cluster-ip-range: \"" + text + "\" is no range of addresses such as 10.96.0.0/12", e);
        }
    }

    /** The address of the Service {@code kubernetes}. */
    String firstAddress() {
        byte[] address = base.clone();
        address[address.length - 1] |= 1;
        try {
            return InetAddress.getByAddress(address).getHostAddress();
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }
}
