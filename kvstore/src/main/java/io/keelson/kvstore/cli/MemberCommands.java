package io.keelson.kvstore.cli;

import io.keelson.kvstore.api.ClusterGrpc;
import io.keelson.kvstore.api.Member;
import io.keelson.kvstore.api.MemberAddRequest;
import io.keelson.kvstore.api.MemberAddResponse;
import io.keelson.kvstore.api.MemberListRequest;
import io.keelson.kvstore.api.MemberListResponse;
import io.keelson.kvstore.api.MemberPromoteRequest;
import io.keelson.kvstore.api.MemberPromoteResponse;
import io.keelson.kvstore.api.MemberRemoveRequest;
import io.keelson.kvstore.api.MemberRemoveResponse;
import io.keelson.kvstore.api.MemberUpdateRequest;
import io.keelson.kvstore.api.MemberUpdateResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** {@code member …}. */
final class MemberCommands {
    private MemberCommands() {}

    static void add(Invocation call) {
        List<String> words = call.words();
        if (words.isEmpty()) {
            throw CommandFailure.badArguments("member name not provided");
        }
        if (words.size() > 1) {
            StringBuilder text = new StringBuilder("too many arguments");
            for (String word : words) {
                if (word.toLowerCase(Locale.ROOT).startsWith("http")) {
                    text.append(", did you mean --peer-urls=").append(word);
                }
            }
            throw CommandFailure.badArguments(text.toString());
        }
        String name = words.getFirst();
        String urls = call.arguments().string("peer-urls");
        if (urls.isEmpty()) {
            throw CommandFailure.badArguments("member peer urls not provided");
        }
        call.client();
        ByteText.split(urls, ',').forEach(MemberCommands::checkUrl);
        MemberAddResponse added = call.write(
                ClusterGrpc.getMemberAddMethod(),
                MemberAddRequest.newBuilder()
                        .addAllPeerURLs(texts(urls))
                        .setIsLearner(call.arguments().bool("learner"))
                        .build());
        call.printer().memberAdd(added);
        if (call.printer() instanceof SimplePrinter) {
            showEnvironment(call, name, urls, added.getMember().getID());
        }
    }

    /** What the new member has to be started with. */
    private static void showEnvironment(Invocation call, String name, String urls, long added) {
        MemberListResponse members = call.read(
                ClusterGrpc.getMemberListMethod(),
                MemberListRequest.newBuilder().setLinearizable(true).build());
        List<String> cluster = new ArrayList<>();
        for (Member member : members.getMembersList()) {
            for (String url : member.getPeerURLsList()) {
                String shownName = member.getID() == added ? name : ByteText.ofText(member.getName());
                cluster.add(shownName + "=" + ByteText.ofText(url));
            }
        }
        Console console = call.console();
        console.println("");
        console.println("ETCD_NAME=" + GoQuote.quote(name));
        console.println("ETCD_INITIAL_CLUSTER=" + GoQuote.quote(String.join(",", cluster)));
        console.println("ETCD_INITIAL_ADVERTISE_PEER_URLS=" + GoQuote.quote(urls));
        console.println("ETCD_INITIAL_CLUSTER_STATE=\"existing\"");
    }

    static void remove(Invocation call) {
        long member = member(call);
        MemberRemoveResponse response = call.write(
                ClusterGrpc.getMemberRemoveMethod(),
                MemberRemoveRequest.newBuilder().setID(member).build());
        call.printer().memberRemove(member, response);
    }

    static void update(Invocation call) {
        long member = member(call);
        String urls = call.arguments().string("peer-urls");
        if (urls.isEmpty()) {
            throw CommandFailure.badArguments("member peer urls not provided");
        }
        MemberUpdateResponse response = call.write(
                ClusterGrpc.getMemberUpdateMethod(),
                MemberUpdateRequest.newBuilder()
                        .setID(member)
                        .addAllPeerURLs(texts(urls))
                        .build());
        call.printer().memberUpdate(member, response);
    }

    static void promote(Invocation call) {
        long member = member(call);
        MemberPromoteResponse response = call.write(
                ClusterGrpc.getMemberPromoteMethod(),
                MemberPromoteRequest.newBuilder().setID(member).build());
        call.printer().memberPromote(member, response);
    }

    static void list(Invocation call) {
        boolean linearizable = !GetCommand.serializable(call.arguments());
        MemberListResponse response = call.read(
                ClusterGrpc.getMemberListMethod(),
                MemberListRequest.newBuilder().setLinearizable(linearizable).build());
        call.printer().memberList(response);
    }

    private static long member(Invocation call) {
        call.requireWords(1, "member ID is not provided");
        try {
            return GoNumbers.parseUint(call.words().getFirst(), 16);
        } catch (IllegalArgumentException e) {
            throw CommandFailure.badArguments("bad member ID arg (" + e.getMessage() + "), expecting ID in Hex");
        }
    }

    private static List<String> texts(String urls) {
        return ByteText.split(urls, ',').stream().map(ByteText::toText).toList();
    }

    private static void checkUrl(String given) {
        String url = given.strip();
        int mark = url.indexOf("://");
        String scheme = mark < 0 ? "" : url.substring(0, mark);
        if (scheme.equals("unix") || scheme.equals("unixs")) {
            return;
        }
        if (!scheme.equals("http") && !scheme.equals("https")) {
            throw CommandFailure.of(ExitCode.ERROR, "URL scheme must be http, https, unix, or unixs: " + url);
        }
        String rest = url.substring(mark + 3);
        int slash = rest.indexOf('/');
        String address = slash < 0 ? rest : rest.substring(0, slash);
        int colon = address.lastIndexOf(':');
        if (colon < 0 || address.indexOf(']') > colon) {
            throw CommandFailure.of(ExitCode.ERROR, "URL address does not have the form \"host:port\": " + url);
        }
        if (slash >= 0) {
            throw CommandFailure.of(ExitCode.ERROR, "URL must not contain a path: " + url);
        }
    }
}
