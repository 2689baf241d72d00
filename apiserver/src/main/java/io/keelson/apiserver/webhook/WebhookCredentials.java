package io.keelson.apiserver.webhook;

import io.keelson.apiserver.certs.Kubeconfig;
import io.keelson.apiserver.certs.RemoteServer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What this server shows to webhooks: the users of a kubeconfig, each named after the servers it is for: {@code host:port},
 * {@code *.domain:port} (the closest domain counts), the same without a port for the usual one, or {@code *}. For a Service
 * the host is {@code name.namespace.svc}.
 *
 * @param users credentials by such names
 * @param otherwise what servers see for which there is none; null for nothing
 */
public record WebhookCredentials(
        Map<String, RemoteServer> users, @Nullable RemoteServer otherwise) {
    /** Nothing is shown to anybody. */
    public static final WebhookCredentials NONE = new WebhookCredentials(Map.of(), null);

    private static final int HTTPS = 443;

    public WebhookCredentials {
        users = Map.copyOf(users);
    }

    /** @throws IOException if the file cannot be used */
    public static WebhookCredentials read(Path kubeconfig) throws IOException {
        Kubeconfig config = Kubeconfig.read(kubeconfig);
        Path folder = kubeconfig.toAbsolutePath().getParent();
        try {
            Map<String, RemoteServer> users = config.users(folder == null ? kubeconfig : folder);
            RemoteServer any = users.get("*");
            return new WebhookCredentials(users, any == null ? users.get(config.currentUser()) : any);
        } catch (IOException e) {
            throw new IOException(kubeconfig + ": " + e.getMessage(), e);
        }
    }

    /** What a webhook is shown; null for nothing. */
    @Nullable
    RemoteServer shownTo(ClientConfig config) {
        if (users.isEmpty()) {
            return null;
        }
        ClientConfig.Service service = config.service();
        String host;
        int port;
        if (service != null) {
            host = service.port().host();
            port = service.port().port();
        } else {
            try {
                URI url = URI.create(config.url());
                host = String.valueOf(url.getHost());
                port = url.getPort() < 0 ? HTTPS : url.getPort();
            } catch (IllegalArgumentException e) {
                return null; // The call itself says what is wrong with it.
            }
        }
        RemoteServer found = named(host + ":" + port);
        if (found == null && port == HTTPS) {
            found = named(host);
        }
        return found == null ? otherwise : found;
    }

    private @Nullable RemoteServer named(String target) {
        RemoteServer exact = users.get(target);
        for (int dot = target.indexOf('.'); exact == null && dot >= 0; dot = target.indexOf('.', dot + 1)) {
            exact = users.get("*" + target.substring(dot));
        }
        return exact;
    }
}
