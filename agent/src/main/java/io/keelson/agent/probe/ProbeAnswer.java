package io.keelson.agent.probe;

/**
 * What one question to a container came to.
 *
 * @param text what there is to say of it
 */
public record ProbeAnswer(Outcome outcome, String text) {
    /** How it went. */
    public enum Outcome {
        /** Well. */
        SUCCESS,
        /** Well, but somebody should know something. */
        WARNING,
        /** Not well. */
        FAILURE,
        /** It could not be asked. */
        ERROR
    }
}
