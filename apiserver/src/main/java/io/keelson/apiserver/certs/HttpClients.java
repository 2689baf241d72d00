package io.keelson.apiserver.certs;

import java.net.http.HttpClient;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

/** Makes clients for calls to other servers, and so decides how these are connected to. Any thread. */
@FunctionalInterface
public interface HttpClients {
    /** Clients that connect to the other server itself. */
    HttpClients DIRECT = HttpClients::direct;

    /**
     * A client that follows no redirects. To be closed by whoever asked for it.
     *
     * @param tls whom it believes, and what it shows
     * @param serverName the name that the other side must have; empty for the host of the URL
     * @param connectTimeout zero for no other limit than that of a request
     */
    HttpClient client(SSLContext tls, String serverName, Duration connectTimeout);

    /** Whether names of hosts are to be left as they are, for they mean something on the other side of a proxy. */
    default boolean leavesNames() {
        return false;
    }

    private static HttpClient direct(SSLContext tls, String serverName, Duration connectTimeout) {
        HttpClient.Builder builder = HttpClient.newBuilder().sslContext(tls).followRedirects(HttpClient.Redirect.NEVER);
        if (!connectTimeout.isZero()) {
            builder.connectTimeout(connectTimeout);
        }
        if (!serverName.isEmpty()) {
            SSLParameters parameters = new SSLParameters();
            parameters.setServerNames(List.of(new SNIHostName(serverName)));
            builder.sslParameters(parameters);
        }
        return builder.build();
    }
}
