package io.keelson.apiserver.request;

import java.io.IOException;
import java.io.InputStream;

/** What a request carries. Read once. */
public interface Body {
    /** Nothing. */
    Body EMPTY = new Body() {
        @Override
        public byte[] bytes(int bytesMax) {
            return new byte[0];
        }

        @Override
        public InputStream stream() {
            return InputStream.nullInputStream();
        }
    };

    /**
     * All of it; waits until it is there.
     *
     * @throws io.keelson.apiserver.errors.ApiException RequestEntityTooLarge if it is more than so many bytes; BadRequest
     *     if the client stops in the middle
     */
    byte[] bytes(int bytesMax);

    /** As it comes, for what is passed on; a client that stops in the middle is an {@link IOException}. */
    InputStream stream();
}
