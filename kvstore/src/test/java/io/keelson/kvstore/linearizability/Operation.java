package io.keelson.kvstore.linearizability;

import org.jspecify.annotations.Nullable;

/**
 * One operation of one client on one key, as the client saw it.
 *
 * @param client who did it; a client has one operation under way at a time
 * @param key the key
 * @param action what was asked
 * @param outcome how it ended
 * @param invokedNanos when it was sent
 * @param returnedNanos when the answer came; {@link Long#MAX_VALUE} if its fate is not known, for it may still take effect
 */
public record Operation(int client, String key, Action action, Outcome outcome, long invokedNanos, long returnedNanos) {
    /** What was asked. */
    public sealed interface Action {
        /** Put a value; values are never used twice on a key. */
        record Write(String value) implements Action {}

        /** Read the value. */
        record Read() implements Action {}

        /** Read the value that the key had at a revision. */
        record ReadAt(long revision) implements Action {}

        /** Put {@code value} if the key's mod revision is {@code expectedRevision}. */
        record CompareAndPut(long expectedRevision, String value) implements Action {}

        /** Delete the key. */
        record Delete() implements Action {}
    }

    /** How it ended. */
    public sealed interface Outcome {
        /**
         * It took effect.
         *
         * @param revision the revision in the answer's header: the state after the operation
         * @param value for a read: the value, null if there was none
         * @param modRevision for a read: the value's mod revision, 0 if there was none
         * @param applied for a compare-and-put: whether the comparison held; for a delete: whether something was deleted
         */
        record Done(long revision, @Nullable String value, long modRevision, boolean applied) implements Outcome {}

        /** It certainly did not take effect. */
        record Refused(String why) implements Outcome {}

        /** It may have taken effect, or may still. */
        record Unknown(String why) implements Outcome {}
    }

    /** Whether the operation may or may not have taken effect. */
    public boolean unknown() {
        return outcome instanceof Outcome.Unknown;
    }
}
