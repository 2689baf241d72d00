package io.keelson.apiserver.services;

/** What was asked for cannot be had; the message says why, in the words of the Kubernetes API. */
final class CannotAllocateException extends Exception {
    private static final long serialVersionUID = 1L;

    private CannotAllocateException(String message) {
        super(message, null, false, false);
    }

    static CannotAllocateException full() {
        return new CannotAllocateException("range is full");
    }

    static CannotAllocateException addressTaken() {
        return new CannotAllocateException("provided IP is already allocated");
    }

    /** In none of the ranges that there are. */
    static CannotAllocateException addressElsewhere() {
        return new CannotAllocateException("the provided network does not match the current range");
    }

    /** Not in the range that was looked at. */
    static CannotAllocateException addressOutside(Address address) {
        return new CannotAllocateException("provided IP " + address + " is not in the valid range");
    }

    static CannotAllocateException portTaken() {
        return new CannotAllocateException("provided port is already allocated");
    }

    static CannotAllocateException portOutside(PortRange range) {
        return new CannotAllocateException(
                "provided port is not in the valid range. The range of valid ports is " + range);
    }

    /** The server has not seen any range yet. */
    static CannotAllocateException notReady() {
        return new CannotAllocateException("allocator not ready");
    }

    String message() {
        return String.valueOf(getMessage());
    }
}
