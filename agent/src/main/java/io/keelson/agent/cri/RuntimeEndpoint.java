package io.keelson.agent.cri;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;

/**
 * Where a container runtime answers: a Unix socket.
 *
 * @param path of the socket's file, absolute
 */
public record RuntimeEndpoint(String path) {
    /** What the kernel takes as the address of a socket, without the zero at its end. */
    private static final int PATH_BYTES_MAX = 107;

    /** Checks the path. */
    public RuntimeEndpoint {
        if (!path.startsWith("/") || path.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("container runtime endpoint must be the absolute path of a socket, as in "
                    + "unix:///run/containerd/containerd.sock: \"" + path + '"');
        }
        if (path.getBytes(StandardCharsets.UTF_8).length > PATH_BYTES_MAX) {
            throw new IllegalArgumentException("path of the container runtime's socket is longer than " + PATH_BYTES_MAX
                    + " bytes, which the kernel does not take: " + path);
        }
    }

    /**
     * Reads {@code unix:///run/containerd/containerd.sock}; a path alone is taken as well.
     *
     * @throws IllegalArgumentException if it is no Unix socket
     */
    public static RuntimeEndpoint parse(String text) {
        if (text.startsWith("/")) {
            return new RuntimeEndpoint(text);
        }
        URI uri;
        try {
            uri = new URI(text);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("container runtime endpoint \"" + text + "\" is no URL", e);
        }
        if (uri.getScheme() == null) {
            throw new IllegalArgumentException(
                    "container runtime endpoint \"" + text + "\" must begin with unix:// and an absolute path");
        }
        if (!uri.getScheme().equals("unix")) {
            throw new IllegalArgumentException(
                    "protocol \"" + uri.getScheme() + "\" not supported: only support unix socket endpoint");
        }
        if (uri.getAuthority() != null || uri.getPath() == null) {
            throw new IllegalArgumentException("container runtime endpoint \"" + text
                    + "\" names no absolute path: a third slash is missing, as in unix:///run/containerd/containerd.sock");
        }
        return new RuntimeEndpoint(uri.getPath());
    }

    /** As it is written in flags. */
    @Override
    public String toString() {
        return "unix://" + path;
    }
}
