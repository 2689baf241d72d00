package io.keelson.agent.pods.plan;

import io.fabric8.kubernetes.api.model.Container;
import java.nio.charset.StandardCharsets;

/**
 * What tells a container from a changed one: 32 bits of FNV-1a over its name and image, which are all of it that a user
 * may change while its pod runs and that needs a new container. In hexadecimal.
 */
public final class ContainerHash {
    /** The annotation of a run that has it. */
    public static final String ANNOTATION = "io.kubernetes.container.hash";

    private ContainerHash() {}

    /** The hash of a container as it is wanted. */
    public static String of(Container container) {
        int hash = 0x811c9dc5;
        String content = container.getName() + '\n' + container.getImage();
        for (byte one : content.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (one & 0xff)) * 0x01000193;
        }
        return Integer.toHexString(hash);
    }

    /** By what its back-off is known: another image begins anew. */
    public static String key(Container container) {
        return container.getName() + '@' + of(container);
    }
}
