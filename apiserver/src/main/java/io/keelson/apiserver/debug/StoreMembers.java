package io.keelson.apiserver.debug;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.util.concurrent.ListenableFuture;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.keelson.apiserver.egress.ConnectProxy;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.store.EtcdConnection;
import io.keelson.kvstore.api.ClusterGrpc;
import io.keelson.kvstore.api.MaintenanceGrpc;
import io.keelson.kvstore.api.Member;
import io.keelson.kvstore.api.MemberListRequest;
import io.keelson.kvstore.api.MemberListResponse;
import io.keelson.kvstore.api.StatusRequest;
import io.keelson.kvstore.api.StatusResponse;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The members of a store and how each of them is, as they say themselves. Those are asked that the server's flags name, and no
 * others: an address that a store tells is not connected to. One thread at a time asks.
 */
public final class StoreMembers implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 3;

    private final String name;
    private final Channel any;
    private final @Nullable EtcdConnection connection;
    private final @Nullable ConnectProxy proxy;
    private final Map<String, ManagedChannel> opened = new LinkedHashMap<>();
    private boolean closed;

    /**
     * Connects to nobody yet.
     *
     * @param name tells it from other stores
     * @param any leads to any of its members; is not closed with this
     * @param connection how each member is reached; null for a store of one member in this process
     * @param proxy through which; null for none
     */
    public StoreMembers(String name, Channel any, @Nullable EtcdConnection connection, @Nullable ConnectProxy proxy) {
        this.name = name;
        this.any = any;
        this.connection = connection;
        this.proxy = proxy;
    }

    /** Asks all of them at once, and waits for three seconds at most. */
    synchronized ObjectNode look() throws InterruptedException {
        ListenableFuture<MemberListResponse> listing = ClusterGrpc.newFutureStub(any)
                .withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS)
                // Told by one that has no leader, too.
                .memberList(
                        MemberListRequest.newBuilder().setLinearizable(false).build());
        Map<String, ListenableFuture<StatusResponse>> asking = new LinkedHashMap<>();
        channels()
                .forEach((server, channel) -> asking.put(
                        server,
                        MaintenanceGrpc.newFutureStub(channel)
                                .withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS)
                                .status(StatusRequest.getDefaultInstance())));
        ObjectNode store = Json.object().put("name", name);
        ArrayNode silent = Json.object().arrayNode();
        Map<Long, StatusResponse> told = new HashMap<>();
        for (Map.Entry<String, ListenableFuture<StatusResponse>> one : asking.entrySet()) {
            try {
                StatusResponse status = one.getValue().get();
                told.put(status.getHeader().getMemberId(), status);
            } catch (ExecutionException e) {
                silent.addObject().put("server", one.getKey()).put("error", text(e));
            }
        }
        List<Member> members = new ArrayList<>();
        try {
            MemberListResponse list = listing.get();
            store.put("clusterId", hex(list.getHeader().getClusterId()));
            members.addAll(list.getMembersList());
        } catch (ExecutionException e) {
            store.put("error", text(e));
        }
        ArrayNode shown = store.putArray("members");
        members.forEach(member -> write(shown.addObject(), member, told.get(member.getID()), leader(told)));
        store.set("silent", silent);
        return store;
    }

    /** Whom those that answered take for the leader, by the highest term; 0 for nobody. */
    private static long leader(Map<Long, StatusResponse> told) {
        long term = -1;
        long leader = 0;
        for (StatusResponse status : told.values()) {
            if (status.getRaftTerm() > term && status.getLeader() != 0) {
                term = status.getRaftTerm();
                leader = status.getLeader();
            }
        }
        return leader;
    }

    private static void write(ObjectNode shown, Member member, @Nullable StatusResponse status, long leader) {
        shown.put("id", hex(member.getID()));
        shown.put("name", member.getName());
        ArrayNode peers = shown.putArray("peerURLs");
        member.getPeerURLsList().forEach(peers::add);
        ArrayNode clients = shown.putArray("clientURLs");
        member.getClientURLsList().forEach(clients::add);
        shown.put("learner", member.getIsLearner());
        shown.put("leader", leader != 0 && member.getID() == leader);
        if (status == null) {
            return;
        }
        ObjectNode told = shown.putObject("status");
        told.put("version", status.getVersion());
        told.put("term", status.getRaftTerm());
        told.put("raftIndex", status.getRaftIndex());
        told.put("raftAppliedIndex", status.getRaftAppliedIndex());
        told.put("revision", status.getHeader().getRevision());
        told.put("dbSize", status.getDbSize());
        told.put("dbSizeInUse", status.getDbSizeInUse());
        told.put("dbSizeQuota", status.getDbSizeQuota());
        ArrayNode errors = told.putArray("errors");
        status.getErrorsList().forEach(errors::add);
    }

    private Map<String, ? extends Channel> channels() {
        EtcdConnection way = connection;
        if (way == null) {
            return Map.of("in this process", any);
        }
        if (closed) {
            return Map.of();
        }
        for (String server : way.servers()) {
            opened.computeIfAbsent(
                    server, address -> way.withServers(List.of(address)).open(proxy));
        }
        return opened;
    }

    private static String text(ExecutionException e) {
        Status status = Status.fromThrowable(e);
        return status.getCode() + (status.getDescription() == null ? "" : ": " + status.getDescription());
    }

    private static String hex(long id) {
        return Long.toHexString(id);
    }

    @Override
    public synchronized void close() {
        closed = true;
        opened.values().forEach(ManagedChannel::shutdownNow);
        opened.clear();
    }
}
