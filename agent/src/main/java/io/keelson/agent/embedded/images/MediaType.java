package io.keelson.agent.embedded.images;

/** The types of an image's parts, as OCI and Docker call them. */
public final class MediaType {
    public static final String INDEX = "application/vnd.oci.image.index.v1+json";
    public static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
    public static final String CONFIG = "application/vnd.oci.image.config.v1+json";
    public static final String LAYER = "application/vnd.oci.image.layer.v1.tar";
    public static final String DOCKER_INDEX = "application/vnd.docker.distribution.manifest.list.v2+json";
    public static final String DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";
    private static final String DOCKER_LAYER = "application/vnd.docker.image.rootfs.";

    private MediaType() {}

    /** Whether it lists the manifests of several platforms. */
    public static boolean isIndex(String type) {
        return type.equals(INDEX) || type.equals(DOCKER_INDEX);
    }

    /** Whether it names the parts of one image. */
    public static boolean isManifest(String type) {
        return type.equals(MANIFEST) || type.equals(DOCKER_MANIFEST);
    }

    /** Whether it is a part of a filesystem, packed in whatever way. */
    public static boolean isLayer(String type) {
        return type.startsWith(LAYER)
                || type.startsWith(DOCKER_LAYER)
                || type.startsWith("application/vnd.oci.image.layer.nondistributable.v1.tar");
    }
}
