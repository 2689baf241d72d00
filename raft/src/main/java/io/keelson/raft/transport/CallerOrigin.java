package io.keelson.raft.transport;

import io.grpc.Context;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.keelson.raft.CertificateHosts;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.security.cert.Certificate;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * Whether a caller comes from where its certificate says it lives, by etcd's rules: one of the certificate's addresses is
 * the caller's, or one of its names leads to it; of a name that begins with {@code *.} it has to be one by which the
 * address is known. A certificate that says neither holds for everywhere.
 */
final class CallerOrigin {
    /** Asks for names; both ways may take as long as whoever is asked. */
    interface Names {
        InetAddress[] addressesOf(String name) throws UnknownHostException;

        /** A name of the address; the address itself, as text, if it has none. */
        String nameOf(InetAddress address);

        Names OF_SYSTEM = new Names() {
            @Override
            public InetAddress[] addressesOf(String name) throws UnknownHostException {
                return InetAddress.getAllByName(name);
            }

            @Override
            public String nameOf(InetAddress address) {
                return address.getCanonicalHostName();
            }
        };
    }

    /** Makes the origin of a call known to it. */
    static final class Interceptor implements ServerInterceptor {
        @Override
        public <Q, A> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
            // Only the beginning of a call has to know; what a context costs each frame is saved.
            Context before = Context.current().withValue(ORIGIN, of(call)).attach();
            try {
                return next.startCall(call, headers);
            } finally {
                Context.current().detach(before);
            }
        }
    }

    private static final Context.Key<CallerOrigin> ORIGIN = Context.key("caller-origin");

    private final InetAddress address;
    private final List<String> hosts;
    private final List<String> names;
    private final boolean here;
    private final Names lookup;

    /** @throws CertificateParsingException if what the certificate says about hosts cannot be read */
    CallerOrigin(X509Certificate certificate, InetAddress address, Names lookup) throws CertificateParsingException {
        this.address = address;
        this.lookup = lookup;
        this.hosts = CertificateHosts.of(certificate);
        this.names = CertificateHosts.namesOf(certificate);
        this.here = hosts.isEmpty() || CertificateHosts.hold(certificate, text());
    }

    /** Null without a certificate. */
    private static @Nullable CallerOrigin of(ServerCall<?, ?> call) {
        SSLSession session = call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
        SocketAddress remote = call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
        if (session == null || !(remote instanceof InetSocketAddress socket)) {
            return null;
        }
        try {
            Certificate[] chain = session.getPeerCertificates();
            return chain.length > 0 && chain[0] instanceof X509Certificate certificate
                    ? new CallerOrigin(certificate, socket.getAddress(), Names.OF_SYSTEM)
                    : null;
        } catch (SSLPeerUnverifiedException e) {
            // Nobody was asked for one.
            return null;
        } catch (CertificateParsingException e) {
            throw new IllegalStateException("a certificate that was trusted cannot be read", e);
        }
    }

    /** That of the call that is served by this thread; null if the caller shows no certificate, or is not to be judged. */
    static @Nullable CallerOrigin current() {
        return ORIGIN.get();
    }

    /** Whether {@link #refusal} has to ask for names, and so may take its time. */
    boolean asksForNames() {
        return !here && !names.isEmpty();
    }

    /** Why the caller is none of those the certificate is for, or null. */
    @Nullable
    Refusal refusal() {
        if (here) {
            return null;
        }
        List<String> failures = new ArrayList<>();
        for (String name : names) {
            if (leadsHere(name, failures)) {
                return null;
            }
        }
        return Refusal.because("the caller's certificate is for " + String.join(", ", hosts) + ", not for " + text()
                + ", which it comes from" + (failures.isEmpty() ? "" : " (" + String.join("; ", failures) + ")"));
    }

    private boolean leadsHere(String name, List<String> failures) {
        if (name.startsWith("*.")) {
            String known = lookup.nameOf(address);
            return !known.equals(text()) && CertificateHosts.sameName(name, known);
        }
        try {
            for (InetAddress one : lookup.addressesOf(name)) {
                if (one.equals(address)) {
                    return true;
                }
            }
        } catch (UnknownHostException e) {
            failures.add(name + " is not known");
        }
        return false;
    }

    /** Without the interface that it came by, which an IPv6 address may name. */
    private String text() {
        try {
            return InetAddress.getByAddress(address.getAddress()).getHostAddress();
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address has 4 or 16 bytes", e);
        }
    }
}
