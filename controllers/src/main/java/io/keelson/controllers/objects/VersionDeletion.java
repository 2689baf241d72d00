package io.keelson.controllers.objects;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;

/**
 * Deletes an object only if it is just as it was looked at: for what is deleted because of what it says, and might say
 * something else by now.
 */
public final class VersionDeletion {
    private VersionDeletion() {}

    /**
     * Deletes an object of this very version.
     *
     * @return whether it was there; not if it is gone or was changed: then a watch tells of it
     * @throws KubernetesClientException if the API refuses or cannot be reached
     */
    public static boolean of(KubernetesClient client, HasMetadata object) {
        try {
            return !client.resource(object)
                    .lockResourceVersion(object.getMetadata().getResourceVersion())
                    .delete()
                    .isEmpty();
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_NOT_FOUND || e.getCode() == HttpURLConnection.HTTP_CONFLICT) {
                return false;
            }
            throw e;
        }
    }
}
