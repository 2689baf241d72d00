package io.keelson.controllers.objects;

import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;

/** What the API means by a refusal. */
public final class Refusals {
    private Refusals() {}

    /** What the API says, without the words that the client puts around it: the text that users know from events. */
    public static String message(Throwable refusal) {
        Status status = refusal instanceof KubernetesClientException answer ? answer.getStatus() : null;
        String said = status == null ? null : status.getMessage();
        return said == null || said.isEmpty() ? OrEmpty.of(refusal.getMessage()) : said;
    }

    /** Whether there is an object of this name already. */
    public static boolean isAlreadyExists(KubernetesClientException refusal) {
        return refusal.getCode() == HttpURLConnection.HTTP_CONFLICT
                && refusal.getStatus() != null
                && "AlreadyExists".equals(refusal.getStatus().getReason());
    }

    /**
     * Whether the object that was to be written is not any more what it was computed from: it was changed, or it is gone.
     * The change that made it so comes by the watch.
     */
    public static boolean isOutdated(KubernetesClientException refusal) {
        return refusal.getCode() == HttpURLConnection.HTTP_NOT_FOUND
                || (refusal.getCode() == HttpURLConnection.HTTP_CONFLICT && !isAlreadyExists(refusal));
    }
}
