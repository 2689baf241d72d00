package io.keelson.apiserver.admission;

/** Takes part in the admission of writes; any thread, and may block. */
public interface AdmissionPlugin {
    /** As in {@code --enable-admission-plugins}. */
    String name();

    /**
     * Changes what is to be written, or refuses it.
     *
     * @throws io.keelson.apiserver.errors.ApiException to refuse
     */
    default void mutate(AdmissionRequest request) throws InterruptedException {}

    /**
     * Refuses what must not be written; changes nothing.
     *
     * @throws io.keelson.apiserver.errors.ApiException to refuse
     */
    default void validate(AdmissionRequest request) throws InterruptedException {}
}
