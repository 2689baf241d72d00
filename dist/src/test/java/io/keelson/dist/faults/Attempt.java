package io.keelson.dist.faults;

import java.util.List;

/**
 * Something that a client asked for, and what it was told.
 *
 * @param client who; from 0
 * @param server which API server; from 0
 * @param key what it was about
 * @param invokedNanos when it was sent, by {@link System#nanoTime}
 * @param returnedNanos when the answer was there, or there was none
 */
record Attempt(
        int client, int server, ObjectKey key, Action action, Outcome outcome, long invokedNanos, long returnedNanos) {

    /** How an object is written. */
    enum Verb {
        CREATE,
        REPLACE,
        PATCH,
        APPLY
    }

    /** How old an answer to a read may be. */
    enum Age {
        /** No resource version: as of some moment after it was asked for. */
        FRESH,
        /** Resource version 0: whatever the server has. */
        ANY,
        /** A resource version: not older than that. */
        NOT_OLDER,
        /** A resource version, exactly. */
        EXACT
    }

    /** What was asked for. */
    sealed interface Action {
        /**
         * The client's own annotation is set to a text that nobody else ever writes; nothing else changes.
         *
         * @param base the resource version that must be the present one; 0 for any
         */
        record Write(Verb verb, String mark, long base) implements Action {}

        /** @param base the resource version that must be the present one; 0 for any */
        record Delete(long base) implements Action {}

        /** @param revision to what the age refers; 0 where it needs none */
        record Get(Age age, long revision) implements Action {}

        /** @param revision to what the age refers; 0 where it needs none */
        record ListAll(Age age, long revision) implements Action {}
    }

    /** What was answered. */
    sealed interface Outcome {
        record Written(Seen object) implements Outcome {}

        /** @param uid of the object that is gone */
        record Deleted(String uid) implements Outcome {}

        record Found(Seen object) implements Outcome {}

        record Listed(long revision, List<Seen> objects) implements Outcome {}

        /** There is no such object. */
        record Absent() implements Outcome {}

        /** There is such an object, so that it was not created. */
        record Present() implements Outcome {}

        /** Nothing was changed or read. */
        record Refused(String why) implements Outcome {}

        /** Whether anything was changed is not known. */
        record Unknown(String why) implements Outcome {}
    }

    /** Whether the store must have been asked, so that success says that it answered. */
    boolean needsStore() {
        return switch (action) {
            case Action.Write _, Action.Delete _ -> true;
            case Action.Get get -> get.age() == Age.FRESH;
            case Action.ListAll list -> list.age() == Age.FRESH;
        };
    }

    boolean succeeded() {
        return !(outcome instanceof Outcome.Refused || outcome instanceof Outcome.Unknown);
    }
}
