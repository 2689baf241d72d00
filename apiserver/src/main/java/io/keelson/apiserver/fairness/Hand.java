package io.keelson.apiserver.fairness;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Deals every flow some queues, always the same ones, as cards are dealt: none twice. Two flows rarely have all of theirs in
 * common, so one that fills its own leaves others something.
 */
final class Hand {
    private Hand() {}

    /** A number for a flow that nobody can aim at. */
    static long hash(String schema, String distinguisher) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest((schema + "," + distinguisher).getBytes(StandardCharsets.UTF_8));
            return ByteBuffer.wrap(digest).order(ByteOrder.LITTLE_ENDIAN).getLong();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * @param deck how many queues there are
     * @param size how many to deal, at most that many
     */
    static int[] deal(long hash, int deck, int size) {
        int[] cards = new int[Math.min(size, deck)];
        long rest = hash;
        for (int i = 0; i < cards.length; i++) {
            int choices = deck - i;
            int card = (int) Long.remainderUnsigned(rest, choices);
            rest = Long.divideUnsigned(rest, choices);
            // The n-th of those that are still in the deck. What was dealt is kept in order in front.
            int at = 0;
            while (at < i && cards[at] <= card) {
                card++;
                at++;
            }
            System.arraycopy(cards, at, cards, at + 1, i - at);
            cards[at] = card;
        }
        return cards;
    }
}
