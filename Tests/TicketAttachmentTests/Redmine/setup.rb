# Makes a fresh Redmine ready for the test; prints the administrator's key. The format of texts is the first argument's.
Setting.rest_api_enabled = 1
Setting.text_formatting = ENV.fetch('TEXT_FORMAT', 'textile')
user = User.find_by_login('admin')
user.must_change_passwd = false
user.save!
project = Project.find_by_identifier('incidents') ||
  Project.create!(name: 'Incidents', identifier: 'incidents', tracker_ids: Tracker.pluck(:id))
project.enabled_module_names = %w[issue_tracking]
project.save!
puts "KEY=#{user.api_key}"
