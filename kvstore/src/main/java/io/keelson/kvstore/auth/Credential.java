package io.keelson.kvstore.auth;

import io.grpc.Context;

/** What a request shows to be recognised. */
public sealed interface Credential {
    /** Where the credential of the current request is found. */
    Context.Key<Credential> KEY = Context.keyWithDefault("credential", new None());

    /** A token from {@code Authenticate}. */
    record Token(String text) implements Credential {
        /** Tokens are secrets and stay out of logs. */
        @Override
        public String toString() {
            return "Token[…]";
        }
    }

    /** The common name of a client certificate that was verified. */
    record CommonName(String name) implements Credential {}

    /** Nothing. */
    record None() implements Credential {}
}
