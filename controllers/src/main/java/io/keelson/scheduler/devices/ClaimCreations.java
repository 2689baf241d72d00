package io.keelson.scheduler.devices;

/** Is told each time that the API is asked to make a claim for extended resources. Any thread. */
@FunctionalInterface
public interface ClaimCreations {
    /** Nobody asks. */
    ClaimCreations UNTOLD = well -> {};

    /** It was made, or was not. */
    void asked(boolean well);
}
