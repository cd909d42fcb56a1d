#include "unit/driver/watched_ports.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "wire/frame.hpp"

namespace conclave::driver {
namespace {

class WatchedLoader final : public storage::Loader {
 public:
  WatchedLoader(storage::Loader& to, Journal& journal, const std::string& node) : to_(to), journal_(journal), node_(node) {}

  void on_meta(std::string_view key, BytesView value) override {
    journal_.loaded(node_, key, value);
    to_.on_meta(key, value);
  }
  void on_log(Slot slot, BytesView value) override {
    journal_.loaded(node_, slot, value);
    to_.on_log(slot, value);
  }
  void on_damaged(const storage::RecordKey& key) override { to_.on_damaged(key); }

 private:
  storage::Loader& to_;
  Journal& journal_;
  const std::string& node_;
};

class WatchedStorage final : public storage::Storage, private storage::Listener {
 public:
  WatchedStorage(storage::Storage& disk, Journal& journal, std::string node)
      : disk_(disk), journal_(journal), node_(std::move(node)) {
    journal_.opened(node_);
  }

  [[nodiscard]] Result<storage::Opening> load(storage::Loader& loader) override {
    WatchedLoader watched(loader, journal_, node_);
    return disk_.load(watched);
  }
  void start(storage::Listener& listener) override {
    listener_ = &listener;
    disk_.start(*this);
  }
  void submit(storage::Batch batch) override {
    journal_.submitted(node_, batch);
    disk_.submit(std::move(batch));
  }
  void retry() override {
    journal_.retried(node_);
    disk_.retry();
  }
  void read_log(storage::SlotRange range, std::size_t bytes_max, storage::ReadDone done) override {
    disk_.read_log(range, bytes_max, std::move(done));
  }
  void stop() override { disk_.stop(); }

 private:
  void on_durable(BatchId upto) override {
    journal_.synced(node_, upto);
    listener_->on_durable(upto);
  }
  void on_failed(const storage::Failure& failure) override {
    if (failure.kind == storage::FailureKind::uncertain) journal_.failed(node_);
    listener_->on_failed(failure);
  }

  storage::Storage& disk_;
  Journal& journal_;
  std::string node_;
  storage::Listener* listener_ = nullptr;
};

class WatchedTransport final : public transport::Transport {
 public:
  WatchedTransport(transport::Transport& network, Journal& journal, std::string node)
      : network_(network), journal_(journal), node_(std::move(node)) {}

  [[nodiscard]] std::optional<Address> listening_on() const override { return network_.listening_on(); }
  void start(transport::Listener& listener) override { network_.start(listener); }
  void dial(const Address& address) override { network_.dial(address); }
  [[nodiscard]] transport::Sent send(LinkId link, BytesView body) override {
    const auto sent = network_.send(link, body);
    if (sent == transport::Sent::queued) journal_.sent(node_, link, body);
    return sent;
  }
  void close(LinkId link) override { network_.close(link); }
  void send_datagram(const Address& to, BytesView body) override { network_.send_datagram(to, body); }
  void stop() override { network_.stop(); }
  [[nodiscard]] transport::Traffic traffic() const override { return network_.traffic(); }

 private:
  transport::Transport& network_;
  Journal& journal_;
  std::string node_;
};

std::string name_of(const engine::Message& message) {
  static constexpr std::array consensus{"PreVote", "PreVoteReply", "Prepare",   "Promise", "Refused", "Accept",
                                        "Accepted", "Chosen",      "Heartbeat", "Fetch",   "Learn",   "Go"};
  if (const auto* held = std::get_if<paxos::Message>(&message)) return consensus.at(held->index());
  if (std::holds_alternative<engine::Hello>(message)) return "Hello";
  if (std::holds_alternative<engine::LockIn>(message)) return "LockIn";
  if (std::holds_alternative<engine::LockedIn>(message)) return "LockedIn";
  if (std::holds_alternative<engine::Commit>(message)) return "Commit";
  if (std::holds_alternative<engine::ReadIndexReply>(message)) return "ReadIndexReply";
  if (std::holds_alternative<engine::Renew>(message)) return "Renew";
  return "other";
}

std::size_t at_or_none(const std::map<std::string, std::size_t>& counts, const std::string& key) {
  const auto found = counts.find(key);
  return found == counts.end() ? 0 : found->second;
}

}  // namespace

void watch(sim::Machine& machine, Journal& journal) {
  machine.watch_storage = [&journal, name = machine.name](storage::Storage& disk) {
    return std::make_unique<WatchedStorage>(disk, journal, name);
  };
  machine.watch_transport = [&journal, name = machine.name](transport::Transport& network) {
    return std::make_unique<WatchedTransport>(network, journal, name);
  };
}

void Journal::opened(const std::string& node) {
  stores_[node] = SyncedStore();
  note(node, "opened");
}

void Journal::submitted(const std::string& node, const storage::Batch& batch) {
  stores_[node].submitted(batch);
  note(node, "submitted batch " + to_string(batch.id));
}

void Journal::synced(const std::string& node, BatchId upto) {
  stores_[node].synced(upto);
  note(node, "synced up to batch " + to_string(upto));
}

void Journal::failed(const std::string& node) {
  stores_[node].failed();
  note(node, "a sync failed");
}

void Journal::sent(const std::string& node, LinkId link, BytesView body) {
  ++frames_[node];
  const auto frame = wire::decode_frame(body);
  if (!frame) return complain(node, "frame", "cannot be decoded: " + frame.error().message());
  if (frame->messages.size() > 1) ++shared_[node];
  for (const auto& message : frame->messages) {
    const auto kind = name_of(message);
    ++counts_[kind];
    note(node, "sent " + kind + " over link " + to_string(link));
    if (const auto why = stores_[node].objection(frame->header, message)) complain(node, kind, *why);
    const auto* consensus = std::get_if<paxos::Message>(&message);
    if (!consensus) {
      if (const auto* reply = std::get_if<engine::ReadIndexReply>(&message); reply && reply->ok)
        judge_chosen(node, kind, reply->slot);
    } else if (const auto* accept = std::get_if<paxos::Accept>(consensus)) {
      judge_chosen(node, kind, accept->chosen_upto);
      watch_stream(node, link, *accept);
    } else if (const auto* chosen = std::get_if<paxos::Chosen>(consensus)) {
      judge_chosen(node, kind, chosen->upto);
    } else if (const auto* learn = std::get_if<paxos::Learn>(consensus)) {
      judge_chosen(node, kind, learn->watermark);
    }
  }
}

// Whoever says "chosen" may count its own acceptance only once that is synced (P5): a majority of the disks holds it.
void Journal::judge_chosen(const std::string& node, const std::string& kind, Slot upto) {
  for (; chosen_upto_ < upto; ++chosen_upto_) {
    const auto slot = chosen_upto_.next();
    // Of two values at one slot, the one that most stores hold.
    std::size_t most = 0;
    for (const auto& [name, store] : stores_) {
      const auto* value = store.entry(slot);
      const auto same = [&](const auto& other) { return value && other.second.entry(slot) && *other.second.entry(slot) == *value; };
      most = std::max(most, static_cast<std::size_t>(std::ranges::count_if(stores_, same)));
    }
    const auto voters = stores_[node].voters();
    if (2 * most > voters) continue;
    complain(node, kind, "slot " + to_string(slot) + " is called chosen and synced on " + to_string(most) + " of " +
                             to_string(voters));
  }
}

void Journal::watch_stream(const std::string& node, LinkId link, const paxos::Accept& accept) {
  const auto& store = stores_[node];
  for (auto slot = accept.first; slot < accept.first + accept.entries.size(); ++slot) {
    if (!streamed_before_.emplace(link, accept.ballot, slot).second) continue;
    if (store.holds(slot, accept.ballot))
      ++streamed_.after_sync;
    else if (store.was_submitted(slot, accept.ballot))
      ++streamed_.in_flight;
    else
      ++streamed_.before_submit;
  }
}

std::size_t Journal::count(const std::string& kind) const { return at_or_none(counts_, kind); }
std::size_t Journal::frames_from(const std::string& node) const { return at_or_none(frames_, node); }
std::size_t Journal::shared_from(const std::string& node) const { return at_or_none(shared_, node); }
std::size_t Journal::retries(const std::string& node) const { return at_or_none(retries_, node); }

void Journal::note(const std::string& node, std::string line) {
  constexpr std::size_t shown = 6;
  auto& lines = notes_[node];
  lines.push_back(std::move(line));
  if (lines.size() > shown) lines.erase(lines.begin());
}

void Journal::complain(const std::string& node, const std::string& kind, const std::string& why) {
  constexpr std::size_t enough = 10;
  if (violations_.size() >= enough) return;
  std::string text = "node " + node + ": " + kind + " left, but " + why;
  for (const auto& line : notes_[node]) text += "\n    " + line;
  violations_.push_back(std::move(text));
}

}  // namespace conclave::driver
