package io.keelson.agent.probe;

/** What a probe's answers come to. */
public enum ProbeResult {
    /** All is well. */
    SUCCESS,
    /** It is not. */
    FAILURE,
    /** Nothing is known yet. */
    UNKNOWN
}
