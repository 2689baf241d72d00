package io.keelson.apiserver.cache;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import com.google.protobuf.ByteString;
import io.keelson.apiserver.store.EtcdStore;
import io.keelson.apiserver.store.FaultyChannel;
import io.keelson.apiserver.store.ObjectStore.Outcome;
import io.keelson.apiserver.store.StoreOptions;
import io.keelson.apiserver.store.StoredValue;
import io.keelson.apiserver.store.TestEtcd;
import io.keelson.kvstore.api.CompactionRequest;
import io.keelson.kvstore.api.KVGrpc;
import io.keelson.kvstore.api.LeaseGrantRequest;
import io.keelson.kvstore.api.LeaseGrpc;
import io.keelson.kvstore.api.LeaseRevokeRequest;
import io.keelson.kvstore.api.PutRequest;
import io.keelson.kvstore.api.RequestOp;
import io.keelson.kvstore.api.TxnRequest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** A store, a cache of pods over a connection that can break, and another one to write over that cannot. */
final class CacheFixture implements AutoCloseable {
    private final TestEtcd etcd;
    final FaultyChannel channel;
    /** Not broken by the channel's faults. */
    final EtcdStore direct;

    final EtcdStore store;
    final ResourceCaches caches;
    final ResourceCache pods;

    CacheFixture(TestEtcd etcd, CacheOptions options) {
        this.etcd = etcd;
        this.channel = new FaultyChannel(etcd.channel());
        this.direct = new EtcdStore(etcd.channel(), StoreOptions.DEFAULT);
        this.store = new EtcdStore(
                channel, StoreOptions.DEFAULT.withTimeouts(Duration.ofSeconds(20), Duration.ofSeconds(2)));
        this.caches = new ResourceCaches(store, options);
        this.pods = caches.open(TestPods.RESOURCE);
    }

    CacheFixture ready() throws InterruptedException {
        pods.awaitReady(Duration.ofSeconds(30));
        return this;
    }

    /** Writes a pod, new or not; its revision. */
    long put(String namespace, String name, Map<String, String> labels, String node, String value) throws Exception {
        String key = TestPods.key(namespace, name);
        byte[] bytes = TestPods.stored(namespace, name, labels, node, value);
        StoredValue now = direct.get(key);
        if (now == null) {
            return direct.create(key, bytes, 0);
        }
        return assertInstanceOf(Outcome.Done.class, direct.update(key, bytes, now.revision(), 0))
                .revision();
    }

    long put(String namespace, String name) throws Exception {
        return put(namespace, name, Map.of("app", name), "", "v");
    }

    long delete(String namespace, String name) throws Exception {
        String key = TestPods.key(namespace, name);
        StoredValue now = direct.get(key);
        assertNotNull(now, key);
        return assertInstanceOf(Outcome.Done.class, direct.delete(key, now.revision()))
                .revision();
    }

    /** Writes pods of one namespace at one revision; returns it. */
    long together(String namespace, List<String> names, String value) {
        SortedMap<String, byte[]> values = new TreeMap<>();
        names.forEach(name -> values.put(
                TestPods.key(namespace, name), TestPods.stored(namespace, name, Map.of("app", name), "", value)));
        return putTogether(values, 0);
    }

    /** A lease that lasts longer than any test; its id. */
    long grant() {
        return LeaseGrpc.newBlockingStub(etcd.channel())
                .leaseGrant(LeaseGrantRequest.newBuilder().setTTL(3600).build())
                .getID();
    }

    /** Writes values, new or not, under a lease and at one revision, in the order of their keys; that revision. */
    long putTogether(SortedMap<String, byte[]> values, long lease) {
        TxnRequest.Builder transaction = TxnRequest.newBuilder();
        values.forEach((key, value) -> transaction.addSuccess(RequestOp.newBuilder()
                .setRequestPut(PutRequest.newBuilder()
                        .setKey(ByteString.copyFromUtf8(key))
                        .setValue(ByteString.copyFrom(value))
                        .setLease(lease))));
        return KVGrpc.newBlockingStub(etcd.channel())
                .txn(transaction.build())
                .getHeader()
                .getRevision();
    }

    /** Ends a lease: its keys go at one revision, in their order; that revision, if nobody writes meanwhile. */
    long revoke(long lease) throws Exception {
        var _ = LeaseGrpc.newBlockingStub(etcd.channel())
                .leaseRevoke(LeaseRevokeRequest.newBuilder().setID(lease).build());
        return direct.revision();
    }

    /** Waits until the cache has come so far. */
    void reach(long revision) throws InterruptedException {
        pods.waitUntilFresh(revision, Duration.ofSeconds(30));
    }

    void compact(long revision) {
        var _ = KVGrpc.newBlockingStub(etcd.channel())
                .compact(CompactionRequest.newBuilder().setRevision(revision).build());
    }

    @Override
    public void close() {
        caches.close();
        store.close();
        direct.close();
        etcd.close();
    }
}
