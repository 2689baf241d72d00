package io.keelson.kvstore.cli;

import com.google.protobuf.Message;
import io.keelson.kvstore.api.MemberListResponse;
import io.keelson.kvstore.bolt.EtcdStatus;
import java.util.List;

/** Tables, for what is a list of alike things. */
final class TablePrinter extends Printer {
    TablePrinter(Console console) {
        super(console);
    }

    @Override
    String formatName() {
        return "table";
    }

    @Override
    void message(Message response) {
        throw unsupported();
    }

    @Override
    void memberList(MemberListResponse response) {
        table(Rows.MEMBER_HEADER, Rows.members(response));
    }

    @Override
    void health(List<EndpointReply.Health> replies) {
        table(Rows.HEALTH_HEADER, Rows.health(replies));
    }

    @Override
    void status(List<EndpointReply.Status> replies) {
        table(Rows.STATUS_HEADER, Rows.status(replies));
    }

    @Override
    void hashKv(List<EndpointReply.HashKv> replies) {
        table(Rows.HASH_HEADER, Rows.hashes(replies));
    }

    @Override
    void databaseStatus(EtcdStatus status) {
        table(Rows.DATABASE_HEADER, Rows.database(status));
    }

    private void table(List<String> header, List<List<String>> rows) {
        console.print(AsciiTable.format(header, rows));
    }
}
