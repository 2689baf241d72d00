package io.keelson.kvstore.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** A table of {@code +}, {@code -} and {@code |}: headers centred, cells to the right, long cells in several lines. */
final class AsciiTable {
    /** A cell wider than this is broken at its spaces. */
    private static final int WIDTH_BEFORE_BREAK = 30;

    private AsciiTable() {}

    static String format(List<String> header, List<List<String>> rows) {
        List<String> titles = header.stream()
                .map(title -> title.replace('_', ' ').toUpperCase(Locale.ROOT))
                .toList();
        List<List<List<String>>> cells = new ArrayList<>();
        int[] widths = new int[titles.size()];
        for (int column = 0; column < widths.length; column++) {
            widths[column] = titles.get(column).length();
        }
        for (List<String> row : rows) {
            List<List<String>> lines = new ArrayList<>();
            for (int column = 0; column < widths.length; column++) {
                List<String> cell = broken(row.get(column));
                lines.add(cell);
                for (String line : cell) {
                    widths[column] = Math.max(widths[column], Utf8.count(line));
                }
            }
            cells.add(lines);
        }
        StringBuilder table = new StringBuilder();
        appendRule(table, widths);
        for (int column = 0; column < widths.length; column++) {
            int spare = widths[column] - titles.get(column).length();
            table.append("| ")
                    .repeat(' ', spare / 2)
                    .append(titles.get(column))
                    .repeat(' ', spare - spare / 2)
                    .append(' ');
        }
        table.append("|\n");
        appendRule(table, widths);
        for (List<List<String>> row : cells) {
            int height = row.stream().mapToInt(List::size).max().orElse(1);
            for (int line = 0; line < height; line++) {
                for (int column = 0; column < widths.length; column++) {
                    String text =
                            line < row.get(column).size() ? row.get(column).get(line) : "";
                    table.append("| ")
                            .repeat(' ', widths[column] - Utf8.count(text))
                            .append(text)
                            .append(' ');
                }
                table.append("|\n");
            }
        }
        appendRule(table, widths);
        return table.toString();
    }

    private static void appendRule(StringBuilder table, int[] widths) {
        for (int width : widths) {
            table.append('+').repeat('-', width + 2);
        }
        table.append("+\n");
    }

    /** The lines of a cell, broken so that they are as equal in length as they can be. */
    private static List<String> broken(String text) {
        if (Utf8.count(text) <= WIDTH_BEFORE_BREAK || text.indexOf(' ') < 0) {
            return List.of(text);
        }
        List<String> words = ByteText.split(text, ' ');
        int limit = WIDTH_BEFORE_BREAK;
        for (String word : words) {
            limit = Math.max(limit, Utf8.count(word));
        }
        int count = words.size();
        long[] cost = new long[count + 1];
        int[] next = new int[count + 1];
        Arrays.fill(cost, 0, count, Long.MAX_VALUE);
        for (int from = count - 1; from >= 0; from--) {
            int width = -1;
            for (int to = from + 1; to <= count; to++) {
                width += 1 + Utf8.count(words.get(to - 1));
                if (width > limit) {
                    break;
                }
                long spare = (long) limit - width;
                long total = to == count ? 0 : spare * spare + cost[to];
                if (total < cost[from]) {
                    cost[from] = total;
                    next[from] = to;
                }
            }
        }
        List<String> lines = new ArrayList<>();
        for (int from = 0; from < count; from = next[from]) {
            lines.add(String.join(" ", words.subList(from, next[from])));
        }
        return lines;
    }
}
