package io.keelson.apiserver.store;

import io.grpc.Attributes;
import io.grpc.EquivalentAddressGroup;
import io.grpc.NameResolver;
import io.grpc.NameResolverProvider;
import io.grpc.NameResolverRegistry;
import io.grpc.Status;
import io.grpc.StatusOr;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Finds the addresses of all members of a store. Each member is a group of addresses of its own, so that calls take turns
 * over the members, and has its own name, which is what its certificate has to be for.
 */
final class EndpointsResolver extends NameResolver {
    private static final AtomicBoolean REGISTERED = new AtomicBoolean();

    private final List<String> members;
    private final boolean behindProxy;
    private volatile @Nullable Listener2 listener;
    private volatile boolean down;

    private EndpointsResolver(List<String> members, boolean behindProxy) {
        this.members = members;
        this.behindProxy = behindProxy;
    }

    static void register() {
        if (REGISTERED.compareAndSet(false, true)) {
            NameResolverRegistry.getDefaultRegistry().register(new Provider(Endpoints.SCHEME));
            NameResolverRegistry.getDefaultRegistry().register(new Provider(Endpoints.SCHEME_BEHIND_PROXY));
        }
    }

    @Override
    public String getServiceAuthority() {
        return members.getFirst();
    }

    @Override
    public void start(Listener2 newListener) {
        listener = newListener;
        refresh();
    }

    @Override
    public void refresh() {
        Thread.ofVirtual().name("etcd-endpoints").start(this::resolve);
    }

    private void resolve() {
        Listener2 told = listener;
        if (told == null || down) {
            return;
        }
        List<EquivalentAddressGroup> found = new ArrayList<>();
        UnknownHostException failure = null;
        for (String member : members) {
            try {
                Attributes name = Attributes.newBuilder()
                        .set(EquivalentAddressGroup.ATTR_AUTHORITY_OVERRIDE, member)
                        .build();
                found.add(new EquivalentAddressGroup(addresses(member), name));
            } catch (UnknownHostException e) {
                failure = e;
            }
        }
        if (!found.isEmpty()) {
            told.onResult(ResolutionResult.newBuilder()
                    .setAddressesOrError(StatusOr.fromValue(found))
                    .build());
        } else {
            told.onError(Status.UNAVAILABLE
                    .withDescription("none of the servers of --etcd-servers has an address")
                    .withCause(failure));
        }
    }

    private List<SocketAddress> addresses(String member) throws UnknownHostException {
        int colon = member.lastIndexOf(':');
        int port = Integer.parseInt(member.substring(colon + 1));
        if (behindProxy) {
            String host = member.substring(0, colon);
            boolean bracketed = host.startsWith("[");
            return List.of(
                    InetSocketAddress.createUnresolved(bracketed ? host.substring(1, host.length() - 1) : host, port));
        }
        List<SocketAddress> addresses = new ArrayList<>();
        for (InetAddress address : InetAddress.getAllByName(member.substring(0, colon))) {
            addresses.add(new InetSocketAddress(address, port));
        }
        return addresses;
    }

    @Override
    public void shutdown() {
        down = true;
    }

    /** Makes resolvers of targets with a scheme. */
    private static final class Provider extends NameResolverProvider {
        private final String scheme;

        Provider(String scheme) {
            this.scheme = scheme;
        }

        @Override
        public NameResolver newNameResolver(URI target, NameResolver.Args args) {
            return new EndpointsResolver(Endpoints.membersOf(target), scheme.equals(Endpoints.SCHEME_BEHIND_PROXY));
        }

        @Override
        public String getDefaultScheme() {
            return scheme;
        }

        @Override
        protected boolean isAvailable() {
            return true;
        }

        /** Never what a target without scheme means. */
        @Override
        protected int priority() {
            return 0;
        }
    }
}
