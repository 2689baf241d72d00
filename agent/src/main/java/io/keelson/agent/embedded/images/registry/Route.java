package io.keelson.agent.embedded.images.registry;

import java.net.URI;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/**
 * One way to an image: the registry that its name says, or a mirror.
 *
 * @param host of who is asked, with the port if it has one, as messages name it
 * @param repository the image's path there
 * @param base of all that is asked there, as {@code https://registry.example/v2/library/busybox/}
 * @param tls what it is spoken to with, where that is not the usual
 * @param credentials what it knows us by
 * @param mirrored the registry that it stands for; empty if it is that itself
 */
record Route(
        String host,
        String repository,
        URI base,
        Optional<SSLContext> tls,
        Credentials credentials,
        Optional<String> mirrored) {
    /** Whether nothing that goes there can be read on the way. */
    boolean isSecure() {
        return "https".equals(base.getScheme());
    }
}
