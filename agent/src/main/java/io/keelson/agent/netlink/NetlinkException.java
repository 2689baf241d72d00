package io.keelson.agent.netlink;

import java.io.IOException;

/** The kernel refused something, or cannot be spoken to. */
public final class NetlinkException extends IOException {
    private static final long serialVersionUID = 1;

    private final int error;

    /**
     * @param what was being done
     * @param error the kernel's number, one of {@link Errno} or another
     */
    public NetlinkException(String what, int error) {
        super(what + ": " + Errno.text(error));
        this.error = error;
    }

    /** The kernel's number. */
    public int error() {
        return error;
    }
}
