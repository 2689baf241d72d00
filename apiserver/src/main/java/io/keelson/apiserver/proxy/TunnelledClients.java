package io.keelson.apiserver.proxy;

import io.keelson.apiserver.certs.HttpClients;
import java.net.http.HttpClient;
import java.time.Duration;
import javax.net.ssl.SSLContext;

/** Makes clients whose connections lead through the proxy of some backends. */
public final class TunnelledClients implements HttpClients {
    private final Backends backends;

    /** @param backends behind a proxy; closed when the clients are */
    public TunnelledClients(Backends backends) {
        this.backends = backends;
    }

    @Override
    public HttpClient client(SSLContext tls, String serverName, Duration connectTimeout) {
        return new TunnelledClient(backends, tls, serverName, connectTimeout);
    }

    @Override
    public boolean leavesNames() {
        return true;
    }
}
