package io.keelson.apiserver.audit;

import io.keelson.apiserver.request.ApiRequest;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where a request comes from: what proxies on the way say, which anybody can make up, and last who sent it. */
final class SourceAddresses {
    private static final int CLAIMED_MAX = 64;

    private SourceAddresses() {}

    static List<String> of(ApiRequest request) {
        List<String> addresses = new ArrayList<>();
        String forwarded = request.headers().first("X-Forwarded-For");
        if (forwarded != null) {
            for (String part : forwarded.split(",", CLAIMED_MAX + 1)) {
                String address = canonical(part.strip());
                if (address != null) {
                    addresses.add(address);
                }
            }
        }
        String real = request.headers().first("X-Real-Ip");
        String claimed = real == null ? null : canonical(real.strip());
        if (claimed != null && !addresses.contains(claimed)) {
            addresses.add(claimed);
        }
        InetAddress sender = request.remote().getAddress();
        if (sender != null) {
            String address = NetUtil.toAddressString(sender);
            if (addresses.isEmpty() || !addresses.getLast().equals(address)) {
                addresses.add(address);
            }
        }
        return addresses;
    }

    /** Null if it is no address. */
    private static @Nullable String canonical(String text) {
        byte[] bytes = NetUtil.createByteArrayFromIpAddressString(text);
        if (bytes == null) {
            return null;
        }
        try {
            return NetUtil.toAddressString(InetAddress.getByAddress(bytes));
        } catch (UnknownHostException e) {
            return null;
        }
    }
}
