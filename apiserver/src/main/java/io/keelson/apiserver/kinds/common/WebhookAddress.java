package io.keelson.apiserver.kinds.common;

import io.keelson.apiserver.certs.Pem;
import io.keelson.apiserver.validation.Names;
import io.keelson.apiserver.validation.Place;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Base64;

/** Rules for where a webhook is, whoever asks it: a URL, or a service of the cluster. */
public final class WebhookAddress {
    private static final String FORM = "; desired format: https://host[/path]";

    private WebhookAddress() {}

    /** Complains unless exactly one of the two is there, and about what is wrong with it. */
    public static void validate(Place client) {
        Place url = client.at("url");
        Place service = client.at("service");
        if (url.present() == service.present()) {
            client.required("exactly one of url or service is required");
        } else if (url.present()) {
            url(url);
        } else {
            service.at("name").mustBeFilled();
            service.at("namespace").mustBeFilled();
            ObjectRules.port(service.at("port"));
            path(service.at("path"));
        }
    }

    /** Whether those whom a webhook's certificate may come from can be read; nothing is taken as well. */
    public static boolean isReadable(String caBundle) {
        if (caBundle.isEmpty()) {
            return true;
        }
        try {
            return !Pem.certificates(Base64.getDecoder().decode(caBundle)).isEmpty();
        } catch (IOException | IllegalArgumentException e) {
            // Why is for whoever wrote it to find out: the text says only that it is so.
            return false;
        }
    }

    /** Names between slashes, with at most one slash at the end. */
    private static void path(Place path) {
        String text = path.text();
        if (text.isEmpty() || text.equals("/")) {
            return;
        }
        if (!text.startsWith("/")) {
            path.invalid("must start with a '/'");
        }
        int end = text.endsWith("/") ? text.length() - 1 : text.length();
        String[] segments = text.substring(1, end).split("/", -1);
        for (int i = 0; i < segments.length; i++) {
            String at = "segment[" + i + "]";
            if (segments[i].isEmpty()) {
                path.invalid(at + " may not be empty");
            } else {
                Names.dnsSubdomain(segments[i]).forEach(wrong -> path.invalid(at + ": " + wrong));
            }
        }
    }

    private static void url(Place url) {
        try {
            URI uri = new URI(url.text());
            if (!"https".equals(uri.getScheme())) {
                url.invalid(String.valueOf(uri.getScheme()), "'https' is the only allowed URL scheme" + FORM);
            }
            if (uri.getHost() == null || uri.getHost().isEmpty()) {
                url.invalid("", "host must be specified" + FORM);
            }
            if (uri.getUserInfo() != null) {
                url.invalid(uri.getUserInfo(), "user information is not permitted in the URL");
            }
            if (uri.getFragment() != null) {
                url.invalid(uri.getFragment(), "fragments are not permitted in the URL");
            }
            if (uri.getQuery() != null) {
                url.invalid(uri.getQuery(), "query parameters are not permitted in the URL");
            }
        } catch (URISyntaxException e) {
            url.required("url must be a valid URL: " + e.getReason() + FORM);
        }
    }
}
