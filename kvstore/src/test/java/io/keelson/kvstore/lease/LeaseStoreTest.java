package io.keelson.kvstore.lease;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.InvalidProtocolBufferException;
import io.keelson.kvstore.api.LeaseGrantResponse;
import io.keelson.kvstore.apply.ApplyResult;
import io.keelson.kvstore.errors.EtcdError;
import io.keelson.kvstore.storage.Table;
import java.util.List;
import org.junit.jupiter.api.Test;

final class LeaseStoreTest {
    private final AppliedLog log = new AppliedLog();

    @Test
    void aGrantIsAnsweredWithItsIdAndTtl() throws InvalidProtocolBufferException {
        ApplyResult result = log.apply(LeaseCommands.grant(7, 60));

        LeaseGrantResponse answer = LeaseGrantResponse.parseFrom(result.body());
        assertEquals(7, answer.getID());
        assertEquals(60, answer.getTTL());
        assertEquals(new LeaseRecord(60, 60_000), log.store.lease(7));
    }

    @Test
    void anIdIsGrantedOnce() {
        log.apply(LeaseCommands.grant(7, 60));

        assertEquals(EtcdError.LEASE_EXIST, log.apply(LeaseCommands.grant(7, 5)).error());
        assertEquals(new LeaseRecord(60, 60_000), log.store.lease(7));
    }

    @Test
    void theLongestTtlIsNineBillionSeconds() {
        log.clusterTimeMs.set(Long.MAX_VALUE / 4);

        assertNull(log.apply(LeaseCommands.grant(1, 9_000_000_000L)).error());
        assertEquals(
                EtcdError.LEASE_TTL_TOO_LARGE,
                log.apply(LeaseCommands.grant(2, 9_000_000_001L)).error());
        assertEquals(
                EtcdError.LEASE_TTL_TOO_LARGE,
                log.apply(LeaseCommands.grant(3, Long.MAX_VALUE)).error());
    }

    @Test
    void aLeaseOfIdZeroCannotBe() {
        assertEquals(
                EtcdError.LEASE_NOT_FOUND, log.apply(LeaseCommands.grant(0, 60)).error());
    }

    @Test
    void theShortestTtlIsOneAndAHalfElectionTimeoutsInWholeSeconds() {
        assertEquals(2, LeaseStore.ttlSecondsMin(100, 1000));
        assertEquals(8, LeaseStore.ttlSecondsMin(500, 5000));
        assertEquals(75, LeaseStore.ttlSecondsMin(1, 50_000));
        assertEquals(1, LeaseStore.ttlSecondsMin(10, 100));
    }

    @Test
    void revokingDeletesTheAttachedKeysInOrderAsOneRevision() {
        log.apply(LeaseCommands.grant(7, 60));
        log.apply(LeaseCommands.grant(8, 60));
        log.put("c", 7);
        log.put("a", 7);
        log.put("b", 8);
        log.put("d", 7);
        log.put("d", 8);
        long before = log.revision();

        ApplyResult result = log.apply(LeaseCommands.revoke(7));

        assertEquals(List.of(List.of("a", "c")), log.deletions);
        assertEquals(before + 1, result.revision());
        assertNull(log.store.lease(7));
        assertEquals(2, log.session.size(Table.LEASE_KEY));
    }

    @Test
    void revokingALeaseWithoutKeysMakesNoRevision() {
        log.apply(LeaseCommands.grant(7, 60));
        long before = log.revision();

        assertEquals(before, log.apply(LeaseCommands.revoke(7)).revision());
    }

    @Test
    void revokingAnUnknownLeaseFails() {
        assertEquals(
                EtcdError.LEASE_NOT_FOUND, log.apply(LeaseCommands.revoke(7)).error());
    }

    @Test
    void theLargestAndTheNegativeIdsAreLeasesLikeOthers() {
        for (long id : new long[] {Long.MAX_VALUE, Long.MIN_VALUE, -1, 1}) {
            log.apply(LeaseCommands.grant(id, 60));
            log.put("key" + id, id);
        }
        for (long id : new long[] {-1, Long.MAX_VALUE, 1, Long.MIN_VALUE}) {
            assertNull(log.apply(LeaseCommands.revoke(id)).error());
            assertEquals(List.of("key" + id), log.deletions.getLast());
        }
        assertEquals(0, log.session.size(Table.LEASE_KEY));
        assertEquals(0, log.store.count());
    }

    @Test
    void manyLeasesAreRenewedByOneCommand() {
        log.apply(LeaseCommands.grant(1, 10));
        log.apply(LeaseCommands.grant(3, 30));
        log.clusterTimeMs.set(9_999);

        ApplyResult result = log.apply(LeaseCommands.renew(1, 2, 3));

        assertArrayEquals(new long[] {10, 0, 30}, LeaseCommands.ttls(result));
        assertEquals(new LeaseRecord(10, 19_999), log.store.lease(1));
        assertEquals(new LeaseRecord(30, 39_999), log.store.lease(3));
    }

    @Test
    void anExpiredLeaseIsNotRenewedButGoesWithItsKeys() {
        log.apply(LeaseCommands.grant(1, 10));
        log.put("a", 1);
        log.clusterTimeMs.set(10_000);

        assertArrayEquals(new long[] {0}, LeaseCommands.ttls(log.apply(LeaseCommands.renew(1))));
        assertEquals(List.of(List.of("a")), log.deletions);
        assertNull(log.store.lease(1));
    }

    @Test
    void aLeaseRenewedBeforeTheCommandThatExpiresItLivesOn() {
        log.apply(LeaseCommands.grant(1, 10));
        log.apply(LeaseCommands.grant(2, 10));
        log.clusterTimeMs.set(9_000);
        log.apply(LeaseCommands.renew(1));
        log.clusterTimeMs.set(10_000);

        log.apply(LeaseCommands.expire(1, 2, 3));

        assertArrayEquals(new long[] {1}, log.store.ids());
    }

    @Test
    void theTimeLeftIsInWholeSecondsRoundedDown() {
        LeaseRecord lease = LeaseRecord.startingAt(5_000, 10);

        assertEquals(10, lease.remainingSeconds(5_000));
        assertEquals(9, lease.remainingSeconds(5_001));
        assertEquals(0, lease.remainingSeconds(14_001));
        assertEquals(0, lease.remainingSeconds(99_000));
    }

    @Test
    void theTimeLeftSurvivesARestart() {
        log.apply(LeaseCommands.grant(1, 10));
        log.put("a", 1);
        log.clusterTimeMs.set(7_000);

        log.restart();

        LeaseRecord lease = log.store.lease(1);
        assertEquals(3, lease == null ? -1 : lease.remainingSeconds(7_000));
        log.apply(LeaseCommands.revoke(1));
        assertEquals(List.of(List.of("a")), log.deletions);
    }

    @Test
    void oneCommandExpiresABoundedNumberOfKeysAndLeavesTheRestToTheNext() {
        for (long id = 1; id <= 3; id++) {
            log.apply(LeaseCommands.grant(id, 10));
            for (int i = 0; i < LeaseStore.PART_KEYS_MAX / 2; i++) {
                log.put("key" + id + "-" + i, id);
            }
        }
        log.clusterTimeMs.set(10_000);

        log.apply(LeaseCommands.expire(1, 2, 3));

        assertArrayEquals(new long[] {3}, log.store.ids());
        log.apply(LeaseCommands.expire(3));
        assertEquals(0, log.keys.size());
        assertEquals(3, log.deletions.size());
    }

    /** Five keys, of which one command deletes two. */
    private void grantLarge(long id) {
        log.keyBytes = LeaseStore.PART_BYTES_MAX / 2;
        log.apply(LeaseCommands.grant(id, 10));
        for (String key : List.of("a", "b", "c", "d", "e")) {
            log.put(key, id);
        }
    }

    @Test
    void aLargeLeaseExpiresInPartsAndGoesWithTheLast() {
        grantLarge(7);
        log.clusterTimeMs.set(10_000);

        log.apply(LeaseCommands.expire(7));
        assertEquals(List.of(List.of("a", "b")), log.deletions);
        assertEquals(1, log.store.count());
        log.apply(LeaseCommands.expire(7));
        log.apply(LeaseCommands.expire(7));

        assertEquals(List.of(List.of("a", "b"), List.of("c", "d"), List.of("e")), log.deletions);
        assertEquals(0, log.store.count());
        assertEquals(0, log.session.size(Table.LEASE));
        assertEquals(0, log.session.size(Table.LEASE_KEY));
    }

    @Test
    void aLeaseWithManyKeysGoesInParts() {
        log.apply(LeaseCommands.grant(7, 10));
        for (int i = 0; i < LeaseStore.PART_KEYS_MAX + 1; i++) {
            log.put("key" + i, 7);
        }

        assertFalse(LeaseStore.revoked(log.apply(LeaseCommands.revoke(7))));
        assertEquals(1, log.keys.size());
        assertTrue(LeaseStore.revoked(log.apply(LeaseCommands.revoke(7))));
        assertEquals(0, log.keys.size());
    }

    @Test
    void aLeaseOfWhichAPartHasGoneIsOneNoMoreAtAnyTime() {
        grantLarge(7);
        log.apply(LeaseCommands.grant(8, 1));

        assertFalse(LeaseStore.revoked(log.apply(LeaseCommands.revoke(7))));

        for (int start = 0; start < 2; start++) {
            assertFalse(log.store.exists(log.session, 7), "no key may be attached");
            assertNull(log.store.lease(7));
            assertArrayEquals(new long[] {8}, log.store.ids());
            assertArrayEquals(new long[] {7}, log.store.expired(0, 10));
            assertEquals(
                    EtcdError.LEASE_EXIST, log.apply(LeaseCommands.grant(7, 5)).error());
            log.restart();
        }
        assertArrayEquals(new long[] {LeaseStore.STILL_GOING}, LeaseCommands.ttls(log.apply(LeaseCommands.renew(7))));
        assertArrayEquals(new long[] {0}, LeaseCommands.ttls(log.apply(LeaseCommands.renew(7))));
        assertEquals(
                EtcdError.LEASE_NOT_FOUND, log.apply(LeaseCommands.revoke(7)).error());
        assertEquals(0, log.keys.size());
    }

    @Test
    void anIdThatIsGrantedAgainHasNothingToDoWithTheKeysOfTheOneBefore() {
        grantLarge(7);
        while (!LeaseStore.revoked(log.apply(LeaseCommands.revoke(7)))) {
            assertEquals(1, log.store.count());
        }
        grantLarge(7);

        while (!LeaseStore.revoked(log.apply(LeaseCommands.revoke(7)))) {
            assertEquals(1, log.store.count());
        }
        assertEquals(0, log.keys.size());
        assertEquals(0, log.session.size(Table.LEASE_KEY));
    }

    @Test
    void aLargeLeaseThatIsOverDoesNotKeepOthersFromBeingRenewed() {
        grantLarge(7);
        log.apply(LeaseCommands.grant(8, 60));
        log.apply(LeaseCommands.grant(9, 10));
        log.clusterTimeMs.set(10_000);

        assertArrayEquals(
                new long[] {LeaseStore.STILL_GOING, LeaseStore.STILL_GOING, 60},
                LeaseCommands.ttls(log.apply(LeaseCommands.renew(7, 9, 8))));
        assertEquals(new LeaseRecord(60, 70_000), log.store.lease(8));
    }

    @Test
    void aPartThatFailsLeavesTheLeaseAsItWas() {
        grantLarge(7);
        log.failDeletionOf = "b";
        log.clusterTimeMs.set(10_000);
        assertThrows(IllegalStateException.class, () -> log.apply(LeaseCommands.expire(7)));

        assertEquals(new LeaseRecord(10, 10_000), log.store.lease(7));
        assertTrue(log.store.exists(log.session, 7));
    }

    @Test
    void aCommandThatFailsInTheMiddleLeavesNothingBehind() {
        log.apply(LeaseCommands.grant(1, 10));
        log.apply(LeaseCommands.grant(2, 10));
        log.put("a", 1);
        log.put("b", 2);
        log.clusterTimeMs.set(10_000);
        log.failDeletionOf = "b";

        assertThrows(IllegalStateException.class, () -> log.apply(LeaseCommands.expire(1, 2)));

        assertArrayEquals(new long[] {1, 2}, log.store.ids());
        assertEquals(2, log.session.size(Table.LEASE));
    }

    @Test
    void leasesAreListedByDeadline() {
        log.apply(LeaseCommands.grant(1, 30));
        log.apply(LeaseCommands.grant(2, 10));
        log.apply(LeaseCommands.grant(3, 20));

        assertArrayEquals(new long[] {2, 3, 1}, log.store.ids());
    }

    @Test
    void whatExpiredFirstIsFoundFirst() {
        for (int i = 1; i <= 1000; i++) {
            log.apply(LeaseCommands.grant(i, i));
        }
        assertArrayEquals(new long[] {}, log.store.expired(999, 10));
        assertArrayEquals(new long[] {1}, log.store.expired(1_000, 10));
        assertEquals(500, log.store.expired(500_000, 10_000).length);
        assertEquals(10, log.store.expired(500_000, 10).length);
        assertEquals(1, log.store.expired(500_000, 10)[0]);
    }
}
