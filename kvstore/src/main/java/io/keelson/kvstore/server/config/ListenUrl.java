package io.keelson.kvstore.server.config;

import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;

/**
 * A URL of the form {@code http://host:port} or {@code https://host:port}.
 *
 * @param secure whether it is https
 * @param host a name or an IP address, IPv6 in brackets
 * @param port 0 to 65535; 0 lets the system choose
 */
public record ListenUrl(boolean secure, String host, int port) {
    /** Reads the URLs of a flag's list, by etcd's rules. */
    static List<ListenUrl> parseAll(String flag, List<String> texts) {
        List<ListenUrl> urls = new ArrayList<>();
        for (String text : texts) {
            try {
                urls.add(parse(text));
            } catch (IllegalArgumentException e) {
                throw ConfigException.invalid("invalid value \"" + text + "\" for --" + flag + ": " + e.getMessage());
            }
        }
        return urls;
    }

    /**
     * Reads a URL.
     *
     * @throws IllegalArgumentException saying in etcd's words what is wrong with it
     */
    public static ListenUrl parse(String text) {
        URI uri;
        try {
            uri = new URI(text.trim());
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("parse \"" + text + "\": " + e.getReason(), e);
        }
        String scheme = uri.getScheme();
        if (scheme != null && (scheme.equals("unix") || scheme.equals("unixs"))) {
            throw new IllegalArgumentException("unix sockets are not supported: " + text);
        }
        if (scheme == null || !(scheme.equals("http") || scheme.equals("https"))) {
            throw new IllegalArgumentException("URL scheme must be http, https, unix, or unixs: " + text);
        }
        String authority = uri.getRawAuthority();
        int colon = authority == null ? -1 : authority.lastIndexOf(':');
        if (authority == null || colon < 0 || authority.endsWith("]") || authority.contains("@")) {
            throw new IllegalArgumentException("URL address does not have the form \"host:port\": " + text);
        }
        String path = uri.getRawPath();
        if (path != null && !path.isEmpty()) {
            throw new IllegalArgumentException("URL must not contain a path: " + text);
        }
        int port;
        try {
            port = Integer.parseInt(authority.substring(colon + 1));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("URL address does not have the form \"host:port\": " + text, e);
        }
        if (port < 0 || port > 65535) {
            throw new IllegalArgumentException("invalid port " + port + " in URL: " + text);
        }
        return new ListenUrl(scheme.equals("https"), authority.substring(0, colon), port);
    }

    /** Whether one can bind to it: the host is localhost, empty or an IP address. */
    boolean bindable() {
        return host.isEmpty()
                || host.equals("localhost")
                || host.startsWith("[")
                || host.matches("[0-9]+\\.[0-9]+\\.[0-9]+\\.[0-9]+");
    }

    public InetSocketAddress address() {
        if (host.isEmpty()) {
            return new InetSocketAddress(port);
        }
        return new InetSocketAddress(host.startsWith("[") ? host.substring(1, host.length() - 1) : host, port);
    }

    public ListenUrl withPort(int newPort) {
        return new ListenUrl(secure, host, newPort);
    }

    @Override
    public String toString() {
        return (secure ? "https://" : "http://") + host + ":" + port;
    }
}
