package io.keelson.controllers.objects;

import io.fabric8.kubernetes.api.model.DeleteOptions;
import io.fabric8.kubernetes.api.model.DeleteOptionsBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import org.jspecify.annotations.Nullable;

/** Deletes the very object that was looked at, by its uid, and no other one that has its name by now. */
public final class Deletion {
    private Deletion() {}

    /**
     * Deletes an object as its kind does by default.
     *
     * @return whether it was there; not if it is gone, or another one has its name
     */
    public static boolean of(KubernetesClient client, HasMetadata object) {
        return of(client, object, null, null);
    }

    /**
     * Deletes an object.
     *
     * @param graceSeconds null for what the object itself says
     * @param propagation {@code Background}, {@code Foreground} or {@code Orphan}; null for what its kind does by default
     * @return whether it was there; not if it is gone, or another one has its name
     * @throws KubernetesClientException if the API refuses or cannot be reached
     */
    public static boolean of(
            KubernetesClient client, HasMetadata object, @Nullable Long graceSeconds, @Nullable String propagation) {
        DeleteOptions options = new DeleteOptionsBuilder()
                .withGracePeriodSeconds(graceSeconds)
                .withPropagationPolicy(propagation)
                .withNewPreconditions()
                .withUid(object.getMetadata().getUid())
                .endPreconditions()
                .build();
        try {
            client.raw(path(object), "DELETE", options);
            return true;
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_NOT_FOUND || e.getCode() == HttpURLConnection.HTTP_CONFLICT) {
                return false;
            }
            throw e;
        }
    }

    /** The path of an object of a class that names its plural. */
    private static String path(HasMetadata object) {
        String version = object.getApiVersion();
        String namespace = object.getMetadata().getNamespace();
        return (version.indexOf('/') < 0 ? "/api/" : "/apis/")
                + version
                + (namespace == null ? "" : "/namespaces/" + namespace)
                + '/'
                + object.getPlural()
                + '/'
                + object.getMetadata().getName();
    }
}
