package io.keelson.raft.jraft;

import com.google.protobuf.ByteString;

/**
 * Commands of another member, on their way into the log.
 *
 * @param term the term in which this member leads and in which the parcel may enter the log
 * @param body the parcel as {@link EntryFormat} has it
 */
record ForwardedParcel(long term, int commands, ByteString body) {}
