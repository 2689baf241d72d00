package io.keelson.kvstore.auth;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.keelson.kvstore.server.ReadPoints;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the credential of a call off the wire and puts it into the call's {@link Context}, where {@link Authorizer}
 * finds it: the token in {@code token} or else {@code authorization}, or else the common name of the client's
 * certificate; for a call that the server makes on behalf of another, the credential of that one (see {@link
 * HandedOnCredential}). Judges nothing, because only the services know what a call needs.
 *
 * <p>A simple token that this member does not know may have been assigned on another member a moment ago. Such a call is
 * held back for one read point, which brings this member up to date. Read points are shared by all who wait for one, so
 * made-up tokens cost little.
 */
public final class AuthInterceptor implements ServerInterceptor {
    private static final Logger log = LoggerFactory.getLogger(AuthInterceptor.class);

    private static final Metadata.Key<String> TOKEN = Metadata.Key.of("token", Metadata.ASCII_STRING_MARSHALLER);
    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
    /** Marks calls that the JSON gateway makes for others: its certificate says nothing about who asks. */
    private static final Metadata.Key<String> GATEWAY =
            Metadata.Key.of("grpcgateway-accept", Metadata.ASCII_STRING_MARSHALLER);

    private final AuthStore store;
    private final Tokens tokens;
    private final ReadPoints readPoints;
    private final boolean clientCertAuth;

    /**
     * @param clientCertAuth whether the common name of a verified client certificate names a user
     */
    public AuthInterceptor(AuthStore store, Tokens tokens, ReadPoints readPoints, boolean clientCertAuth) {
        this.store = store;
        this.tokens = tokens;
        this.readPoints = readPoints;
        this.clientCertAuth = clientCertAuth;
    }

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        String token = headers.get(TOKEN);
        if (token == null) {
            token = headers.get(AUTHORIZATION);
        }
        if (token == null) {
            Credential handedOn = HandedOnCredential.of(headers);
            if (handedOn != null) {
                return Contexts.interceptCall(with(handedOn), call, headers, next);
            }
            String name = clientCertAuth && !headers.containsKey(GATEWAY) ? commonName(call) : null;
            return name == null
                    ? next.startCall(call, headers)
                    : Contexts.interceptCall(with(new Credential.CommonName(name)), call, headers, next);
        }
        Context context = with(new Credential.Token(token));
        if (!store.view().enabled()
                || !(tokens instanceof SimpleTokens simple)
                || simple.knows(token)
                || !SimpleTokens.wellFormed(token)) {
            return Contexts.interceptCall(context, call, headers, next);
        }
        DelayedListener<Q> delayed = new DelayedListener<>();
        var _ = readPoints
                .linearizable()
                .handle((_, failure) -> {
                    if (failure != null) {
                        log.debug("could not be brought up to date for an unknown token", failure);
                    }
                    delayed.become(Contexts.interceptCall(context, call, headers, next));
                    return true;
                })
                .whenComplete((_, failure) -> {
                    if (failure != null) {
                        delayed.close(call, failure);
                    }
                });
        return delayed;
    }

    private static Context with(Credential credential) {
        return Context.current().withValue(Credential.KEY, credential);
    }

    private static @Nullable String commonName(ServerCall<?, ?> call) {
        SSLSession session = call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
        if (session == null) {
            return null;
        }
        Certificate[] chain;
        try {
            chain = session.getPeerCertificates();
        } catch (SSLPeerUnverifiedException e) {
            // The client showed no certificate.
            return null;
        }
        return chain.length > 0 && chain[0] instanceof X509Certificate certificate
                ? commonName(certificate.getSubjectX500Principal().getName())
                : null;
    }

    /** The last common name of a subject, in the order of the certificate, as etcd takes it; null if it has none. */
    static @Nullable String commonName(String subject) {
        try {
            String name = null;
            // LdapName counts from the end of the text, which is the beginning in the certificate.
            for (Rdn part : new LdapName(subject).getRdns()) {
                if (part.getType().equalsIgnoreCase("CN") && part.getValue() instanceof String value) {
                    name = value;
                }
            }
            return name == null || name.isEmpty() ? null : name;
        } catch (InvalidNameException e) {
            log.warn("the subject of a client certificate cannot be read: {}", subject, e);
            return null;
        }
    }
}
