package io.keelson.kvstore.auth;

import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * Carries the credential of a call to the calls that the server makes on its behalf, to its own services in the same
 * process: a lock is taken by Txns and Ranges, which have no connection of which the client's certificate could be asked.
 *
 * <p>No client can make one up. A transport inside the process passes the object itself; a transport with a network
 * between passes bytes, which say nothing here, whatever they are.
 */
public final class HandedOnCredential {
    private static final Metadata.Key<Credential> KEY = Metadata.Key.of("keelson-credential-bin", new InProcessOnly());

    private HandedOnCredential() {}

    /** A channel inside the process whose calls have a credential. */
    public static Channel attach(Channel channel, Credential credential) {
        if (credential instanceof Credential.None) {
            return channel;
        }
        Metadata headers = new Metadata();
        headers.put(KEY, credential);
        return ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(headers));
    }

    /** The credential that was attached to a call inside this process; null if none was. */
    static @Nullable Credential of(Metadata headers) {
        Credential found = headers.get(KEY);
        return found instanceof Credential.None ? null : found;
    }

    private static final class InProcessOnly implements Metadata.BinaryStreamMarshaller<Credential> {
        @Override
        public InputStream toStream(Credential credential) {
            return new Sealed(credential);
        }

        @Override
        public Credential parseStream(InputStream stream) {
            return stream instanceof Sealed sealed ? sealed.credential : new Credential.None();
        }
    }

    /** Holds a credential; has no bytes, so that it leaves the process empty. */
    private static final class Sealed extends InputStream {
        private final Credential credential;

        Sealed(Credential credential) {
            this.credential = credential;
        }

        @Override
        public int read() {
            return -1;
        }
    }
}
