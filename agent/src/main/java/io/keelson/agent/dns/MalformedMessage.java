package io.keelson.agent.dns;

/** Octets that are no message; the text says what is wrong with them. */
final class MalformedMessage extends Exception {
    private static final long serialVersionUID = 1;

    MalformedMessage(String problem) {
        // Strangers may make many of these; nobody looks where it was found.
        super(problem, null, false, false);
    }
}
