package io.keelson.kvstore.mvcc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.kvstore.errors.EtcdError;
import io.keelson.kvstore.errors.EtcdException;
import io.keelson.raft.Await;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class AnswerRoomTest {
    private static final long MIB = 1 << 20;

    private final AnswerRoom room = new AnswerRoom(10 * MIB, 1);

    private static EtcdError error(Runnable call) {
        return assertThrows(EtcdException.class, call::run).error();
    }

    @Test
    void noAnswerMayHaveMoreThanThereIs() {
        try (AnswerRoom.Share share = room.share(true)) {
            share.take(10 * MIB);
            assertEquals(EtcdError.RESPONSE_TOO_LARGE, error(() -> share.take(1)));
            assertEquals(0, share.leftBytes());
            share.give(MIB);
            share.take(MIB);
        }
        assertEquals(0, room.takenBytes());
    }

    @Test
    void allAnswersTogetherHaveNoMoreThanThereIs() {
        try (AnswerRoom.Share other = room.share(false);
                AnswerRoom.Share command = room.shareOfCommand()) {
            try (AnswerRoom.Share one = room.share(false)) {
                one.take(9 * MIB);
                assertEquals(EtcdError.TOO_MANY_REQUESTS, error(() -> other.take(2 * MIB)));
                assertEquals(EtcdError.RESPONSE_TOO_LARGE, error(() -> command.take(2 * MIB)));
                assertTrue(room.takenBytes() <= 10 * MIB);
            }
            other.take(2 * MIB);
            command.take(2 * MIB);
        }
        assertEquals(0, room.takenBytes());
    }

    @Test
    void smallAnswersAreAlwaysLetThrough() {
        try (AnswerRoom.Share all = room.share(false);
                AnswerRoom.Share small = room.share(false);
                AnswerRoom.Share piece = room.shareOfPiece()) {
            all.take(10 * MIB);
            small.take(64 << 10);
            assertFalse(small.counted());
            piece.take(MIB);
            assertFalse(piece.counted());
            assertEquals(EtcdError.TOO_MANY_REQUESTS, error(() -> small.take(MIB)));
        }
    }

    @Test
    void oneWaitsForTheOthersAndWhoComesSecondIsRefused() throws Exception {
        CompletableFuture<Void> waits;
        try (AnswerRoom.Share holder = room.share(true);
                AnswerRoom.Share second = room.share(true)) {
            holder.take(9 * MIB);
            waits = CompletableFuture.runAsync(() -> {
                try (AnswerRoom.Share share = room.share(true)) {
                    share.take(5 * MIB);
                }
            });
            Await.until("the first one waits", room::awaited);
            assertEquals(EtcdError.TOO_MANY_REQUESTS, error(() -> second.take(5 * MIB)));
            assertFalse(waits.isDone());
        }
        waits.get(10, TimeUnit.SECONDS);
        assertEquals(0, room.takenBytes());
    }

    @Test
    void whatNobodyCanReachAnyMoreGivesItsRoomBack() throws Exception {
        AnswerRoom.Share share = room.shareOfCommand();
        share.take(5 * MIB);
        share.closeWith(new Object());
        Await.until("the room is free again", () -> {
            System.gc();
            return room.takenBytes() == 0;
        });
    }
}
