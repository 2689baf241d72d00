package io.keelson.kvstore.errors;

/** A request that is answered with an {@link EtcdError}. Carries no stack trace: it is an answer, not a fault. */
public final class EtcdException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final EtcdError error;

    public EtcdException(EtcdError error) {
        super(error.text(), null, false, false);
        this.error = error;
    }

    public EtcdError error() {
        return error;
    }
}
