package io.keelson.kvstore.mvcc;

/**
 * The answer to a range request, encoded.
 *
 * @param revision the store's revision when it was read, for the response header
 * @param count how many keys the range holds at the revision asked for, whatever the limit
 * @param more whether the limit cut keys off
 * @param keyValues how many key-values the answer has
 * @param body the {@code RangeResponse} in protobuf encoding, without its header
 */
public record RangeResult(long revision, long count, boolean more, int keyValues, AnswerBody body) {}
