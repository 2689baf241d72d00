package io.keelson.apiserver.proxy;

import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;

/**
 * Where what a backend says leads its client: a link to a path at the backend is to lead through the proxy, so the path
 * under which the backend is reached here is put in front of it. Links to other hosts, and those that are relative, stay.
 *
 * @param host of this server as the client knows it, with its port
 * @param prefix the path here that stands for the root of the backend, without a slash behind
 * @param backend the host that the backend knows itself by, with its port
 */
public record Links(String host, String prefix, String backend) {
    /** A link or redirect, as it is to be passed on; one that is no URL stays as it is. */
    String rewritten(String link) {
        URI uri;
        try {
            uri = new URI(link);
        } catch (URISyntaxException e) {
            return link;
        }
        String to = uri.getRawAuthority();
        String path = uri.getRawPath();
        boolean elsewhere = to != null && !to.equals(backend) && !to.equals(host);
        boolean web = uri.getScheme() == null
                || uri.getScheme().equalsIgnoreCase("http")
                || uri.getScheme().equalsIgnoreCase("https");
        if (elsewhere || !web || path == null || !path.startsWith("/")) {
            return link;
        }
        boolean there = path.equals(prefix) || path.startsWith(prefix + "/");
        StringBuilder rewritten = new StringBuilder(there ? path : prefix + path);
        if (uri.getRawQuery() != null) {
            rewritten.append('?').append(uri.getRawQuery());
        }
        if (uri.getRawFragment() != null) {
            rewritten.append('#').append(uri.getRawFragment());
        }
        return rewritten.toString();
    }

    /** Whether an answer has links that can be changed. */
    boolean fits(String contentType, String contentEncoding) {
        int parameters = contentType.indexOf(';');
        String type = parameters < 0 ? contentType : contentType.substring(0, parameters);
        return type.trim().toLowerCase(Locale.ROOT).equals("text/html") && contentEncoding.isEmpty();
    }

    /** A page with its links changed, as it comes. */
    InputStream rewritten(InputStream page) {
        return new LinkStream(page, this);
    }
}
