package io.keelson.apiserver.resource;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.errors.ApiException;

/**
 * Gives out what objects of a kind hold besides themselves and no two of them may share: the addresses and ports of
 * Services. It is taken before an object is judged and written, so that the object says what it got; it is kept when the
 * object has been written, and given back when that came to nothing. Called by any thread.
 */
public interface Allocator {
    /** Gives out nothing. */
    Allocator NONE = new Allocator() {
        @Override
        public Reservation forCreate(WriteContext context, ObjectNode object) {
            return Reservation.NONE;
        }

        @Override
        public Reservation forUpdate(WriteContext context, ObjectNode object, ObjectNode old) {
            return Reservation.NONE;
        }

        @Override
        public void release(ObjectNode removed) {}
    };

    /**
     * Takes what a new object needs. In a dry run nothing is taken, and what stands in the object is made up.
     *
     * @param object receives what it got
     * @throws ApiException if it cannot have what it wants, or nothing is left
     */
    Reservation forCreate(WriteContext context, ObjectNode object) throws InterruptedException;

    /**
     * Takes what a changed object needs in addition; what it needs no longer is given back when the change has been written.
     *
     * @param object receives what it got
     * @throws ApiException if it cannot have what it wants, or nothing is left
     */
    Reservation forUpdate(WriteContext context, ObjectNode object, ObjectNode old) throws InterruptedException;

    /** Gives back all that an object had which is gone. What goes wrong is left to later repair. */
    void release(ObjectNode removed) throws InterruptedException;
}
