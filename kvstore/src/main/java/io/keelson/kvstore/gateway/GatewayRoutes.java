package io.keelson.kvstore.gateway;

import com.google.protobuf.Message;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.PrototypeMarshaller;
import io.keelson.kvstore.api.AuthGrpc;
import io.keelson.kvstore.api.ClusterGrpc;
import io.keelson.kvstore.api.ElectionGrpc;
import io.keelson.kvstore.api.KVGrpc;
import io.keelson.kvstore.api.LeaseGrpc;
import io.keelson.kvstore.api.LockGrpc;
import io.keelson.kvstore.api.MaintenanceGrpc;
import io.keelson.kvstore.api.WatchGrpc;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Which path of the JSON API is which call; paths are etcd's. */
final class GatewayRoutes {
    /** A call: what it takes, what it gives. */
    record Route(MethodDescriptor<?, ?> method, Message request, Message response) {
        /** Whether the client goes on talking after its body: the call is then left open until it leaves. */
        boolean heldOpen() {
            return method.getFullMethodName().equals(WatchGrpc.getWatchMethod().getFullMethodName());
        }
    }

    private static final String BEFORE = "/v3beta/";
    private static final Map<String, Route> BY_PATH = new HashMap<>();

    static {
        add(KVGrpc.getRangeMethod(), "/v3/kv/range");
        add(KVGrpc.getRangeStreamMethod(), "/v3/kv/range/stream");
        add(KVGrpc.getPutMethod(), "/v3/kv/put");
        add(KVGrpc.getDeleteRangeMethod(), "/v3/kv/deleterange");
        add(KVGrpc.getTxnMethod(), "/v3/kv/txn");
        add(KVGrpc.getCompactMethod(), "/v3/kv/compaction");
        add(WatchGrpc.getWatchMethod(), "/v3/watch");
        add(LeaseGrpc.getLeaseGrantMethod(), "/v3/lease/grant");
        add(LeaseGrpc.getLeaseRevokeMethod(), "/v3/lease/revoke", "/v3/kv/lease/revoke");
        add(LeaseGrpc.getLeaseKeepAliveMethod(), "/v3/lease/keepalive");
        add(LeaseGrpc.getLeaseTimeToLiveMethod(), "/v3/lease/timetolive", "/v3/kv/lease/timetolive");
        add(LeaseGrpc.getLeaseLeasesMethod(), "/v3/lease/leases", "/v3/kv/lease/leases");
        add(ClusterGrpc.getMemberAddMethod(), "/v3/cluster/member/add");
        add(ClusterGrpc.getMemberRemoveMethod(), "/v3/cluster/member/remove");
        add(ClusterGrpc.getMemberUpdateMethod(), "/v3/cluster/member/update");
        add(ClusterGrpc.getMemberListMethod(), "/v3/cluster/member/list");
        add(ClusterGrpc.getMemberPromoteMethod(), "/v3/cluster/member/promote");
        add(MaintenanceGrpc.getAlarmMethod(), "/v3/maintenance/alarm");
        add(MaintenanceGrpc.getStatusMethod(), "/v3/maintenance/status");
        add(MaintenanceGrpc.getDefragmentMethod(), "/v3/maintenance/defragment");
        add(MaintenanceGrpc.getHashMethod(), "/v3/maintenance/hash");
        add(MaintenanceGrpc.getHashKVMethod(), "/v3/maintenance/hashkv");
        add(MaintenanceGrpc.getSnapshotMethod(), "/v3/maintenance/snapshot");
        add(MaintenanceGrpc.getMoveLeaderMethod(), "/v3/maintenance/transfer-leadership");
        add(MaintenanceGrpc.getDowngradeMethod(), "/v3/maintenance/downgrade");
        add(AuthGrpc.getAuthEnableMethod(), "/v3/auth/enable");
        add(AuthGrpc.getAuthDisableMethod(), "/v3/auth/disable");
        add(AuthGrpc.getAuthStatusMethod(), "/v3/auth/status");
        add(AuthGrpc.getAuthenticateMethod(), "/v3/auth/authenticate");
        add(AuthGrpc.getUserAddMethod(), "/v3/auth/user/add");
        add(AuthGrpc.getUserGetMethod(), "/v3/auth/user/get");
        add(AuthGrpc.getUserListMethod(), "/v3/auth/user/list");
        add(AuthGrpc.getUserDeleteMethod(), "/v3/auth/user/delete");
        add(AuthGrpc.getUserChangePasswordMethod(), "/v3/auth/user/changepw");
        add(AuthGrpc.getUserGrantRoleMethod(), "/v3/auth/user/grant");
        add(AuthGrpc.getUserRevokeRoleMethod(), "/v3/auth/user/revoke");
        add(AuthGrpc.getRoleAddMethod(), "/v3/auth/role/add");
        add(AuthGrpc.getRoleGetMethod(), "/v3/auth/role/get");
        add(AuthGrpc.getRoleListMethod(), "/v3/auth/role/list");
        add(AuthGrpc.getRoleDeleteMethod(), "/v3/auth/role/delete");
        add(AuthGrpc.getRoleGrantPermissionMethod(), "/v3/auth/role/grant");
        add(AuthGrpc.getRoleRevokePermissionMethod(), "/v3/auth/role/revoke");
        add(ElectionGrpc.getCampaignMethod(), "/v3/election/campaign");
        add(ElectionGrpc.getProclaimMethod(), "/v3/election/proclaim");
        add(ElectionGrpc.getLeaderMethod(), "/v3/election/leader");
        add(ElectionGrpc.getObserveMethod(), "/v3/election/observe");
        add(ElectionGrpc.getResignMethod(), "/v3/election/resign");
        add(LockGrpc.getLockMethod(), "/v3/lock/lock");
        add(LockGrpc.getUnlockMethod(), "/v3/lock/unlock");
    }

    private GatewayRoutes() {}

    /** Paths of the version before this one lead to the same calls. */
    static @Nullable Route at(String path) {
        return BY_PATH.get(path.startsWith(BEFORE) ? "/v3/" + path.substring(BEFORE.length()) : path);
    }

    private static void add(MethodDescriptor<?, ?> method, String... paths) {
        Route route =
                new Route(method, prototype(method.getRequestMarshaller()), prototype(method.getResponseMarshaller()));
        for (String path : paths) {
            BY_PATH.put(path, route);
        }
    }

    private static Message prototype(MethodDescriptor.Marshaller<?> marshaller) {
        if (marshaller instanceof PrototypeMarshaller<?> typed
                && typed.getMessagePrototype() instanceof Message message) {
            return message;
        }
        throw new IllegalStateException("a generated method has no message prototype: " + marshaller);
    }
}
