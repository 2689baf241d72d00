package io.keelson.dist.up;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/** Objects that a cluster needs for its nodes and that no controller makes. */
final class ClusterObjects {
    private static final String FIELD_MANAGER = "keelson";

    private ClusterObjects() {}

    /**
     * Has them all as this version wants them.
     *
     * @param resource of this package
     */
    static void apply(KubernetesClient client, String resource) throws IOException {
        for (HasMetadata object : objects(client, resource)) {
            client.resource(object).fieldManager(FIELD_MANAGER).forceConflicts().serverSideApply();
        }
    }

    /** Makes those that are not there; what is there already is as somebody wants it. */
    static void applyOnce(KubernetesClient client, String resource) throws IOException {
        for (HasMetadata object : objects(client, resource)) {
            applyOnce(client, object);
        }
    }

    /** The same of one. */
    static void applyOnce(KubernetesClient client, HasMetadata object) {
        if (client.resource(object).get() == null) {
            client.resource(object).fieldManager(FIELD_MANAGER).serverSideApply();
        }
    }

    private static List<HasMetadata> objects(KubernetesClient client, String resource) throws IOException {
        try (InputStream objects = ClusterObjects.class.getResourceAsStream(resource)) {
            return client.load(objects).items();
        }
    }
}
